// Copying operators with their parameters and the edges between them, within a DAG and across DAGs.
import type { DagModel, EdgeModel, Edit, OperatorModel } from "@/api/types";
import type { IdMaker } from "./ids";
import { type Point, positionOf } from "./model";

export interface Clip {
  operators: OperatorModel[];
  edges: EdgeModel[];
}

/** The word by which a text on the system's clipboard is known as ours. */
const MARK = "suanzi-operators";

export function copy(dag: DagModel, ids: ReadonlySet<string>): Clip {
  return {
    operators: dag.operators.filter((operator) => ids.has(operator.id)),
    edges: dag.edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target)),
  };
}

export function toText(clip: Clip): string {
  return JSON.stringify({ [MARK]: 1, ...clip });
}

/** Null for any other text. */
export function fromText(text: string): Clip | null {
  if (!text.includes(MARK)) return null;
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof read !== "object" || read === null) return null;
  const { operators, edges } = read as { operators?: unknown; edges?: unknown };
  if (!Array.isArray(operators) || !Array.isArray(edges)) return null;
  const clip = { operators: operators.filter(isOperator), edges: edges.filter(isEdge) };
  return clip.operators.length > 0 ? clip : null;
}

function isOperator(value: unknown): value is OperatorModel {
  const found = value as Partial<OperatorModel> | null;
  return typeof found === "object" && found !== null && typeof found.id === "string" && typeof found.algo_name === "string";
}

function isEdge(value: unknown): value is EdgeModel {
  const found = value as Partial<EdgeModel> | null;
  return (
    typeof found === "object" && found !== null && typeof found.source === "string" && typeof found.target === "string" &&
    Number.isInteger(found.source_index) && Number.isInteger(found.target_index)
  );
}

/** The edits that paste a clip with its upper left corner at `at`, and the new ids. */
export function paste(clip: Clip, ids: IdMaker, at: Point): { edits: Edit[]; ids: string[] } {
  const left = Math.min(...clip.operators.map((operator) => positionOf(operator).x));
  const top = Math.min(...clip.operators.map((operator) => positionOf(operator).y));
  const names = new Map<string, string>();
  const edits: Edit[] = [];
  for (const operator of clip.operators) {
    const id = ids.make(operator.algo_name);
    names.set(operator.id, id);
    const { x, y } = positionOf(operator);
    const coordinate = { x: Math.round(at.x + x - left), y: Math.round(at.y + y - top) };
    edits.push({ type: "add_operator", operator: { ...operator, id, coordinate, params: operator.params ?? {}, disabled: operator.disabled ?? false } });
  }
  for (const edge of clip.edges) {
    const source = names.get(edge.source);
    const target = names.get(edge.target);
    if (source && target) edits.push({ type: "add_edge", ...edge, source, target });
  }
  return { edits, ids: [...names.values()] };
}
