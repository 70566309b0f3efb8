// Edits that draw edges and put operators on them.
import type { DagModel, EdgeModel, Edit, OperatorKind, OperatorModel } from "@/api/types";
import { type Catalogue, NODE_HEIGHT, type Point, operatorOf, positionOf } from "./model";
import { Judge, type Verdict, fits } from "./ports";

/** The edits that draw `edge`, with the one at a taken single input going; none where it is refused. */
export function connect(dag: DagModel, catalogue: Catalogue, edge: EdgeModel): { verdict: Verdict; edits: Edit[] } {
  const judge = new Judge(dag, catalogue);
  const meant = { ...edge, target_index: judge.freeIndex(edge.target, edge.target_index) };
  const verdict = judge.judge(meant);
  if (!verdict.ok) return { verdict, edits: [] };
  const edits: Edit[] = [];
  if (verdict.replaces) edits.push({ type: "remove_edge", ...verdict.replaces });
  edits.push({ type: "add_edge", ...meant });
  return { verdict, edits };
}

/** A new operator of `kind`. Parameters are left to their defaults; required ones wait to be filled in. */
export function newOperator(kind: OperatorKind, id: string, at: Point, nameZh?: string): OperatorModel {
  return {
    id,
    algo_name: kind.algo_name,
    ...(nameZh ? { cn_name: nameZh } : {}),
    coordinate: { x: Math.round(at.x), y: Math.round(at.y) },
    params: {},
    disabled: false,
  };
}

/** First input that takes `type`; by type itself before `any`. */
export function inputFor(kind: OperatorKind, type: string): number {
  const own = kind.inputs.findIndex((input) => input.type === type);
  return own >= 0 ? own : kind.inputs.findIndex((input) => fits(type, input.type) || (type === "model" && input.model_stands_for_table));
}

/** First output that an input of `type` takes. */
export function outputFor(kind: OperatorKind, type: string): number {
  const own = kind.outputs.findIndex((output) => output.type === type);
  return own >= 0 ? own : kind.outputs.findIndex((output) => fits(output.type, type));
}

function typeOfSource(dag: DagModel, catalogue: Catalogue, edge: EdgeModel): string {
  const operator = operatorOf(dag, edge.source);
  return (operator && catalogue.get(operator.algo_name)?.outputs[edge.source_index]?.type) ?? "any";
}

function typeOfTarget(dag: DagModel, catalogue: Catalogue, edge: EdgeModel): string {
  const operator = operatorOf(dag, edge.target);
  const kind = operator && catalogue.get(operator.algo_name);
  return kind?.inputs[Math.min(edge.target_index, kind.inputs.length - 1)]?.type ?? "any";
}

export interface Insertion {
  input: number;
  output: number;
}

/** The ports by which an operator of `kind` would stand in an edge; null where it can't. */
export function insertion(dag: DagModel, catalogue: Catalogue, kind: OperatorKind, edge: EdgeModel): Insertion | null {
  const input = inputFor(kind, typeOfSource(dag, catalogue, edge));
  const output = outputFor(kind, typeOfTarget(dag, catalogue, edge));
  return input >= 0 && output >= 0 ? { input, output } : null;
}

const ROOM = NODE_HEIGHT * 2;

/** Puts `operator` into `edge`, and moves what follows down where there is no room. `isNew` adds it; an operator that stands already is wired in. */
export function insertOnEdge(dag: DagModel, catalogue: Catalogue, operator: OperatorModel, edge: EdgeModel, isNew: boolean): Edit[] | null {
  const kind = catalogue.get(operator.algo_name);
  const ports = kind && insertion(dag, catalogue, kind, edge);
  if (!ports || operator.id === edge.source || operator.id === edge.target) return null;
  const edits: Edit[] = isNew ? [{ type: "add_operator", operator }] : [];
  edits.push(
    { type: "remove_edge", ...edge },
    { type: "add_edge", source: edge.source, source_index: edge.source_index, target: operator.id, target_index: ports.input },
    { type: "add_edge", source: operator.id, source_index: ports.output, target: edge.target, target_index: edge.target_index },
  );
  return edits.concat(isNew ? makeRoom(dag, operator, edge) : []);
}

/** Moves the edge's target and all that stands lower and depends on it, so that the new operator has its place. */
function makeRoom(dag: DagModel, operator: OperatorModel, edge: EdgeModel): Edit[] {
  const target = operatorOf(dag, edge.target);
  if (!target) return [];
  const bottom = positionOf(operator).y + ROOM;
  const shift = bottom - positionOf(target).y;
  if (shift <= 0) return [];
  const below = new Set<string>([target.id]);
  const todo = [target.id];
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    for (const other of dag.edges) {
      if (other.source !== id || below.has(other.target)) continue;
      below.add(other.target);
      todo.push(other.target);
    }
  }
  return dag.operators
    .filter((other) => below.has(other.id))
    .map((other): Edit => ({ type: "set_coordinate", operator: other.id, x: positionOf(other).x, y: positionOf(other).y + shift }));
}
