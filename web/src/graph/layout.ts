// Automatic layout: where each operator goes. Small graphs by dagre, big ones by the simple layered way.
import { Graph, layout as dagre } from "@dagrejs/dagre";
import type { DagModel, Edit } from "@/api/types";
import { layered } from "./layered";
import { NODE_HEIGHT, NODE_WIDTH, type Point, positionOf } from "./model";

export interface LayoutGraph {
  ids: string[];
  /** Positions in `ids`. */
  edges: [number, number][];
}

export type Positions = Record<string, Point>;

/** Beyond, dagre takes seconds. */
export const MOST_FOR_DAGRE = 500;
const GRID = 10;
const ORIGIN: Point = { x: 40, y: 40 };

export function graphOf(dag: DagModel): LayoutGraph {
  const ids = dag.operators.map((operator) => operator.id);
  const places = new Map(ids.map((id, at) => [id, at]));
  const edges = dag.edges.flatMap((edge): [number, number][] => {
    const source = places.get(edge.source);
    const target = places.get(edge.target);
    return source === undefined || target === undefined ? [] : [[source, target]];
  });
  return { ids, edges };
}

export function layout(graph: LayoutGraph): Positions {
  const found = graph.ids.length <= MOST_FOR_DAGRE ? byDagre(graph) : layered(graph);
  const all = Object.values(found);
  const left = Math.min(...all.map((point) => point.x));
  const top = Math.min(...all.map((point) => point.y));
  const snap = (value: number) => Math.round(value / GRID) * GRID;
  return Object.fromEntries(
    Object.entries(found).map(([id, point]) => [id, { x: snap(point.x - left) + ORIGIN.x, y: snap(point.y - top) + ORIGIN.y }]),
  );
}

function byDagre(graph: LayoutGraph): Positions {
  const g = new Graph();
  g.setGraph({ rankdir: "TB", nodesep: 40, ranksep: 54, ranker: "tight-tree" });
  g.setDefaultEdgeLabel(() => ({}));
  for (let at = 0; at < graph.ids.length; at += 1) g.setNode(String(at), { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const [source, target] of graph.edges) g.setEdge(String(source), String(target));
  dagre(g);
  const positions: Positions = {};
  for (const [at, id] of graph.ids.entries()) {
    const node = g.node(String(at)) as Point | undefined;
    if (node) positions[id] = { x: node.x - NODE_WIDTH / 2, y: node.y - NODE_HEIGHT / 2 };
  }
  return positions;
}

/** The edits that move operators to their new places. */
export function layoutEdits(dag: DagModel, positions: Positions): Edit[] {
  return dag.operators.flatMap((operator): Edit[] => {
    const to = positions[operator.id];
    const now = positionOf(operator);
    return !to || (operator.coordinate && now.x === to.x && now.y === to.y) ? [] : [{ type: "set_coordinate", operator: operator.id, ...to }];
  });
}
