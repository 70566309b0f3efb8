// Aligning and distributing what is selected.
import type { DagModel, Edit, OperatorModel } from "@/api/types";
import { NODE_HEIGHT, NODE_WIDTH, positionOf } from "./model";

export type Alignment = "left" | "centre" | "right" | "top" | "middle" | "bottom";
export type Direction = "across" | "down";

/** All nodes are of one size, so that left edges, centres and right edges align together; each goes by its own rule. */
export function align(dag: DagModel, ids: ReadonlySet<string>, way: Alignment): Edit[] {
  const chosen = dag.operators.filter((operator) => ids.has(operator.id));
  if (chosen.length < 2) return [];
  const xs = chosen.map((operator) => positionOf(operator).x);
  const ys = chosen.map((operator) => positionOf(operator).y);
  const middle = (values: number[]) => Math.round((Math.min(...values) + Math.max(...values)) / 2);
  const x = { left: Math.min(...xs), centre: middle(xs), right: Math.max(...xs) }[way as "left"] as number | undefined;
  const y = { top: Math.min(...ys), middle: middle(ys), bottom: Math.max(...ys) }[way as "top"] as number | undefined;
  return moves(chosen, (operator) => ({ x: x ?? positionOf(operator).x, y: y ?? positionOf(operator).y }));
}

/** Equal gaps between the outermost two; wider where nodes would lie on each other. */
export function distribute(dag: DagModel, ids: ReadonlySet<string>, way: Direction): Edit[] {
  const axis = way === "across" ? "x" : "y";
  const size = way === "across" ? NODE_WIDTH : NODE_HEIGHT;
  const chosen = dag.operators.filter((operator) => ids.has(operator.id)).sort((a, b) => positionOf(a)[axis] - positionOf(b)[axis]);
  const first = chosen[0];
  const last = chosen.at(-1);
  if (!first || !last || chosen.length < 3) return [];
  const from = positionOf(first)[axis];
  const step = Math.max((positionOf(last)[axis] - from) / (chosen.length - 1), size + 20);
  const places = new Map(chosen.map((operator, at) => [operator.id, Math.round(from + at * step)]));
  return moves(chosen, (operator) => ({ ...positionOf(operator), [axis]: places.get(operator.id) ?? 0 }));
}

function moves(operators: readonly OperatorModel[], place: (operator: OperatorModel) => { x: number; y: number }): Edit[] {
  return operators.flatMap((operator): Edit[] => {
    const { x, y } = place(operator);
    const now = positionOf(operator);
    return operator.coordinate && now.x === x && now.y === y ? [] : [{ type: "set_coordinate", operator: operator.id, x, y }];
  });
}
