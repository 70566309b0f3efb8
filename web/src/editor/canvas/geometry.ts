// Where ports and edges are, in the document's coordinates; the same for the page, the drawn overview and exported pictures.
import type { OperatorKind } from "@/api/types";
import { NODE_HEIGHT, NODE_WIDTH, type Point } from "@/graph/model";

export const PORT = 11;

/** The middle of a port, from the node's upper left corner. */
export function portAt(count: number, index: number, side: "in" | "out"): Point {
  const at = Math.min(index, Math.max(count - 1, 0));
  return { x: (NODE_WIDTH * (at + 1)) / (Math.max(count, 1) + 1), y: side === "in" ? 0 : NODE_HEIGHT };
}

export const inputs = (kind: OperatorKind | undefined) => kind?.inputs.length ?? 1;
export const outputs = (kind: OperatorKind | undefined) => kind?.outputs.length ?? 1;

/** A curve that leaves downwards and arrives from above. */
export function edgePath(from: Point, to: Point): string {
  const [a, b] = controls(from, to);
  return `M${from.x},${from.y}C${a.x},${a.y} ${b.x},${b.y} ${to.x},${to.y}`;
}

export function controls(from: Point, to: Point): [Point, Point] {
  const bend = to.y > from.y ? Math.max((to.y - from.y) / 2, 18) : Math.min(60 + (from.y - to.y) / 3, 160);
  return [{ x: from.x, y: from.y + bend }, { x: to.x, y: to.y - bend }];
}

/** Distance of a point from an edge's curve, for dropping operators on it. */
export function distanceToEdge(point: Point, from: Point, to: Point): number {
  const [a, b] = controls(from, to);
  let least = Infinity;
  for (let step = 0; step <= 24; step += 1) {
    const t = step / 24;
    const u = 1 - t;
    const x = u * u * u * from.x + 3 * u * u * t * a.x + 3 * u * t * t * b.x + t * t * t * to.x;
    const y = u * u * u * from.y + 3 * u * u * t * a.y + 3 * u * t * t * b.y + t * t * t * to.y;
    least = Math.min(least, Math.hypot(point.x - x, point.y - y));
  }
  return least;
}
