// Kinds and documents that the tests of this folder use: the seed's six operators, in small.
import type { DagModel, EdgeModel, InputPort, OperatorKind, OperatorModel, OutputPort, ParamSpec } from "@/api/types";

export function input(type: string, more: Partial<InputPort> = {}): InputPort {
  return { name: type, type, required: true, variadic: false, model_stands_for_table: false, doc_en: "", doc_zh: "", ...more };
}

export function output(type: string, more: Partial<OutputPort> = {}): OutputPort {
  return { name: type, type, doc_en: "", doc_zh: "", ...more };
}

export function param(name: string, more: Partial<ParamSpec> = {}): ParamSpec {
  return {
    name, kind: "any", required: false, nullable: false, default: null, advanced: false, legacy: false,
    label_en: "", label_zh: "", help_en: "", help_zh: "", ...more,
  };
}

export function kind(algo_name: string, inputs: InputPort[], outputs: OutputPort[], params: ParamSpec[] = []): OperatorKind {
  return {
    algo_name, name_en: algo_name, name_zh: algo_name, category: "other", doc_en: "", doc_zh: "", inputs, outputs, params,
    deterministic: true, random: false, side_effects: false, executors: ["local"], available: true,
  };
}

export const CATALOGUE = new Map(
  [
    kind("read", [], [output("data")], [param("data_id", { kind: "dataset", required: true })]),
    kind("split", [input("data")], [output("data"), output("data")]),
    kind("fit", [input("data")], [output("model")], [param("C", { kind: "number", default: 1, exclusive_minimum: 0 })]),
    kind("load", [], [output("model")]),
    kind("predict", [input("data", { model_stands_for_table: true }), input("model")], [output("data")]),
    kind("score", [input("data"), input("model")], [output("data")]),
    kind("evaluate", [input("data")], [output("metrics")]),
    kind("scale", [input("data")], [output("data"), output("transform")]),
    kind("union", [input("data", { variadic: true })], [output("data")]),
    kind("any", [input("any")], [output("any")]),
  ].map((one) => [one.algo_name, one]),
);

export function op(id: string, algo_name: string, x = 0, y = 0, params: Record<string, unknown> = {}): OperatorModel {
  return { id, algo_name, coordinate: { x, y }, params, disabled: false };
}

export function edge(source: string, source_index: number, target: string, target_index: number): EdgeModel {
  return { source, source_index, target, target_index };
}

export const SEED: DagModel = {
  viewport: { translate: [41, -20], scale: 0.9 },
  operators: [
    op("read", "read", 137, 69, { data_id: 40 }),
    op("split", "split", 226, 164),
    op("fit", "fit", 130, 262, { C: 1 }),
    op("gbdt", "fit", 432, 295),
    op("predict", "predict", 258, 396),
    op("eval", "evaluate", 270, 503),
  ],
  edges: [edge("read", 0, "split", 0), edge("split", 0, "fit", 0), edge("split", 1, "gbdt", 0), edge("gbdt", 0, "predict", 0), edge("fit", 0, "predict", 1), edge("predict", 0, "eval", 0)],
};
