// What an operator lacks before it can run: shown as a badge at once, without asking the server.
import type { DagModel, OperatorKind } from "@/api/types";
import type { Catalogue } from "./model";
import { checkParam } from "./params";
import { adjacency } from "./reach";

export interface Lacks {
  unknown: boolean;
  inputs: string[];
  params: string[];
}

export function lacking(dag: DagModel, catalogue: Catalogue): Map<string, Lacks> {
  const found = new Map<string, Lacks>();
  if (catalogue.size === 0) return found;
  const { incoming } = adjacency(dag);
  for (const operator of dag.operators) {
    if (operator.disabled) continue;
    const kind = catalogue.get(operator.algo_name);
    if (!kind) {
      found.set(operator.id, { unknown: true, inputs: [], params: [] });
      continue;
    }
    const connected = new Set((incoming.get(operator.id) ?? []).map((edge) => Math.min(edge.target_index, kind.inputs.length - 1)));
    const inputs = kind.inputs.filter((input, at) => input.required && !connected.has(at)).map((input) => input.name);
    const params = faulty(kind, operator.params);
    if (inputs.length > 0 || params.length > 0) found.set(operator.id, { unknown: false, inputs, params });
  }
  return found;
}

function faulty(kind: OperatorKind, params: Record<string, unknown>): string[] {
  return kind.params.filter((spec) => checkParam(spec, params[spec.name]) !== null).map((spec) => spec.name);
}
