// The document as data: operators, edges, and small questions about them. Values are never changed in place.
import type { DagModel, EdgeModel, OperatorKind, OperatorModel } from "@/api/types";

export type { DagField, DagModel, EdgeModel, Edit, OperatorField, OperatorKind, OperatorModel, ParamSpec } from "@/api/types";

export type Catalogue = ReadonlyMap<string, OperatorKind>;

export interface Point {
  x: number;
  y: number;
}

/** Every node has this size, in pixels at 100 %: nothing is measured while panning. */
export const NODE_WIDTH = 180;
export const NODE_HEIGHT = 46;
/** Positions are kept on this grid by layouts and by the keyboard. */
export const GRID = 10;

export const EMPTY: DagModel = { operators: [], edges: [] };

export function operatorOf(dag: DagModel, id: string): OperatorModel | undefined {
  return dag.operators.find((operator) => operator.id === id);
}

export function edgeKey(edge: EdgeModel): string {
  return `${edge.source}\u0000${edge.source_index}\u0000${edge.target}\u0000${edge.target_index}`;
}

export function sameEdge(a: EdgeModel, b: EdgeModel): boolean {
  return a.source === b.source && a.source_index === b.source_index && a.target === b.target && a.target_index === b.target_index;
}

export function positionOf(operator: OperatorModel): Point {
  return operator.coordinate ?? { x: 0, y: 0 };
}

/** Equal as JSON, whatever the order of keys. */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => equal(item, b[at]));
  const left = Object.entries(a).filter(([, value]) => value !== undefined);
  const right = Object.entries(b).filter(([, value]) => value !== undefined);
  return left.length === right.length && left.every(([key, value]) => equal(value, (b as Record<string, unknown>)[key]));
}

/** The same document: order of operators and of edges aside, which says nothing. */
export function sameDag(a: DagModel, b: DagModel): boolean {
  const { operators: operatorsA, edges: edgesA, ...restA } = a;
  const { operators: operatorsB, edges: edgesB, ...restB } = b;
  if (operatorsA.length !== operatorsB.length || edgesA.length !== edgesB.length || !equal(restA, restB)) return false;
  const byId = new Map(operatorsB.map((operator) => [operator.id, operator]));
  const edges = new Set(edgesB.map(edgeKey));
  return operatorsA.every((operator) => equal(operator, byId.get(operator.id))) && edgesA.every((edge) => edges.has(edgeKey(edge)));
}
