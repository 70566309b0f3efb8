// Which output fits which input, and why not. The same rules as the server's, which has the last word.
import type { DagModel, EdgeModel, InputPort, OperatorKind, OutputPort } from "@/api/types";
import { type Catalogue, operatorOf, sameEdge } from "./model";
import { type Adjacency, adjacency, descendants } from "./reach";

export type Refusal =
  | { reason: "self" }
  | { reason: "cycle" }
  | { reason: "duplicate" }
  | { reason: "no_port" }
  | { reason: "type"; offered: string; accepted: string }
  | { reason: "model_without_table" };

export type Verdict =
  | { ok: true; warning?: "model_stands_for_table"; replaces?: EdgeModel }
  | ({ ok: false } & Refusal);

/** The declared input an index means; a variadic last one takes all further indexes too. */
export function inputAt(kind: OperatorKind, index: number): InputPort | undefined {
  const found = kind.inputs[index];
  if (found) return found;
  const last = kind.inputs.at(-1);
  return last?.variadic && index >= kind.inputs.length ? last : undefined;
}

export function outputAt(kind: OperatorKind, index: number): OutputPort | undefined {
  return kind.outputs[index];
}

/** `any` takes everything; what comes out of an `any` is judged by the operator that reads it. */
export function fits(offered: string, accepted: string): boolean {
  return offered === accepted || accepted === "any" || offered === "any";
}

export class Judge {
  private readonly near: Adjacency;
  private readonly dag: DagModel;
  private readonly catalogue: Catalogue;
  private readonly below = new Map<string, Set<string>>();

  constructor(dag: DagModel, catalogue: Catalogue) {
    this.dag = dag;
    this.catalogue = catalogue;
    this.near = adjacency(dag);
  }

  kindOf(id: string): OperatorKind | undefined {
    const operator = operatorOf(this.dag, id);
    return operator && this.catalogue.get(operator.algo_name);
  }

  /** May `edge` be drawn? Where the kinds aren't known, everything but a cycle may. */
  judge(edge: EdgeModel): Verdict {
    if (edge.source === edge.target) return { ok: false, reason: "self" };
    if (this.dag.edges.some((other) => sameEdge(other, edge))) return { ok: false, reason: "duplicate" };
    if (this.isBelow(edge.source, edge.target)) return { ok: false, reason: "cycle" };
    const source = this.kindOf(edge.source);
    const target = this.kindOf(edge.target);
    const output = source && outputAt(source, edge.source_index);
    const input = target && inputAt(target, edge.target_index);
    if ((source && !output) || (target && !input)) return { ok: false, reason: "no_port" };
    let warning: "model_stands_for_table" | undefined;
    if (output && input && output.type === "model" && input.model_stands_for_table) {
      if (this.hasTable(edge.source, edge.source_index) === false) return { ok: false, reason: "model_without_table" };
      warning = "model_stands_for_table";
    } else if (output && input && !fits(output.type, input.type)) {
      return { ok: false, reason: "type", offered: output.type, accepted: input.type };
    }
    const replaces = this.taken(edge, input);
    return { ok: true, ...(warning ? { warning } : {}), ...(replaces ? { replaces } : {}) };
  }

  /** The edge at the same single input. */
  private taken(edge: EdgeModel, input: InputPort | undefined): EdgeModel | undefined {
    if (input?.variadic) return undefined;
    return this.near.incoming.get(edge.target)?.find((other) => other.target_index === edge.target_index);
  }

  /** The free index of a variadic input that an edge dropped on it gets; the input's own otherwise. */
  freeIndex(target: string, index: number): number {
    const kind = this.kindOf(target);
    const last = kind ? kind.inputs.length - 1 : -1;
    if (!kind || index < last || !kind.inputs[last]?.variadic) return index;
    const used = new Set((this.near.incoming.get(target) ?? []).map((edge) => edge.target_index));
    let free = last;
    while (used.has(free)) free += 1;
    return free;
  }

  /** Whether `id` is reached from `from`. */
  private isBelow(id: string, from: string): boolean {
    let found = this.below.get(from);
    if (!found) {
      found = descendants(this.near, [from]);
      this.below.set(from, found);
    }
    return found.has(id);
  }

  /** Whether a model was trained on a table that can be named; undefined where another fault hides it. */
  private hasTable(id: string, port: number): boolean | undefined {
    let at = { id, port };
    for (let step = 0; step <= this.dag.operators.length; step += 1) {
      const kind = this.kindOf(at.id);
      const output = kind && outputAt(kind, at.port);
      if (!kind || !output) return undefined;
      if (output.type === "data") return true;
      // The table that it was trained on is what arrives at its first input for one.
      const trainedOn = kind.inputs.findIndex((input) => input.type === "data");
      if (output.type !== "model" || trainedOn < 0) return false;
      const edge = this.near.incoming.get(at.id)?.find((other) => other.target_index === trainedOn);
      if (!edge) return undefined;
      at = { id: edge.source, port: edge.source_index };
    }
    return false;
  }
}
