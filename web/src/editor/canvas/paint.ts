// Draws the graph on a 2D canvas: the overview when zoomed far out, the minimap, and exported pictures.
import type { DagModel, EdgeModel } from "@/api/types";
import { type Catalogue, NODE_HEIGHT, NODE_WIDTH, type Point, positionOf } from "@/graph/model";
import type { NodeLook, Shown } from "../state/looks";
import { controls, inputs, outputs, portAt } from "./geometry";

export interface Paints {
  surface: string;
  line: string;
  text: string;
  text2: string;
  accent: string;
  bad: string;
  wire: string;
  states: Record<Shown, string>;
}

export function paints(): Paints {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    surface: of("--surface"), line: of("--line-strong"), text: of("--text"), text2: of("--text-2"), accent: of("--accent"), bad: of("--bad"), wire: of("--line-strong"),
    states: {
      idle: of("--surface-3"), stale: of("--warn"), waiting: of("--line-strong"), running: of("--running"), retrying: of("--warn"),
      success: of("--good"), cached: of("--cached"), failed: of("--bad"), skipped: of("--line-strong"), cancelled: of("--text-3"),
    },
  };
}

export interface Wire {
  edge: EdgeModel;
  from: Point;
  to: Point;
}

/** Ends of all edges. */
export function wires(dag: DagModel, catalogue: Catalogue): Wire[] {
  const byId = new Map(dag.operators.map((operator) => [operator.id, operator]));
  return dag.edges.flatMap((edge): Wire[] => {
    const source = byId.get(edge.source);
    const target = byId.get(edge.target);
    if (!source || !target) return [];
    const out = portAt(outputs(catalogue.get(source.algo_name)), edge.source_index, "out");
    const into = portAt(inputs(catalogue.get(target.algo_name)), edge.target_index, "in");
    const a = positionOf(source);
    const b = positionOf(target);
    return [{ edge, from: { x: a.x + out.x, y: a.y + out.y }, to: { x: b.x + into.x, y: b.y + into.y } }];
  });
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export function boundsOf(dag: DagModel): Box {
  if (dag.operators.length === 0) return { x: 0, y: 0, width: 1, height: 1 };
  let left = Infinity;
  let top = Infinity;
  let right = -Infinity;
  let bottom = -Infinity;
  for (const operator of dag.operators) {
    const { x, y } = positionOf(operator);
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + NODE_WIDTH);
    bottom = Math.max(bottom, y + NODE_HEIGHT);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

export interface Painting {
  dag: DagModel;
  wires: readonly Wire[];
  looks: ReadonlyMap<string, NodeLook>;
  selected: ReadonlySet<string>;
  titles: (id: string) => string;
  /** Drawn by others. */
  skip: ReadonlySet<string>;
}

/** A name costs as much as a dozen boxes. */
const MOST_NAMES_WHEN_QUICK = 60;

/** Draws what lies in `box` (document coordinates); the context is scaled already. `scale` decides how much is shown; `quick`, while it moves, leaves out what costs: curves and letters. */
export function paint(context: CanvasRenderingContext2D, painting: Painting, colours: Paints, box: Box, scale: number, quick: boolean): void {
  const right = box.x + box.width;
  const bottom = box.y + box.height;
  context.lineWidth = Math.max(1.4, 0.8 / scale);
  context.strokeStyle = colours.wire;
  context.beginPath();
  const { skip } = painting;
  for (const { edge, from, to } of painting.wires) {
    if (skip.has(edge.source) && skip.has(edge.target)) continue;
    if (Math.max(from.x, to.x) < box.x || Math.min(from.x, to.x) > right || Math.max(from.y, to.y) < box.y || Math.min(from.y, to.y) > bottom) continue;
    context.moveTo(from.x, from.y);
    if (quick || scale < 0.15) context.lineTo(to.x, to.y);
    else {
      const [a, b] = controls(from, to);
      context.bezierCurveTo(a.x, a.y, b.x, b.y, to.x, to.y);
    }
  }
  context.stroke();
  const detailed = scale >= 0.22;
  context.font = "600 13px system-ui, sans-serif";
  context.textBaseline = "middle";
  // Of one colour at a time: changing it is what costs.
  const byColour = new Map<string, Point[]>();
  const marked: Point[] = [];
  const faulty: Point[] = [];
  const texts: [string, Point][] = [];
  for (const operator of painting.dag.operators) {
    const at = positionOf(operator);
    if (at.x > right || at.y > bottom || at.x + NODE_WIDTH < box.x || at.y + NODE_HEIGHT < box.y) continue;
    if (skip.has(operator.id)) continue;
    const look = painting.looks.get(operator.id);
    const colour = colours.states[look?.status ?? "idle"];
    const list = byColour.get(colour);
    if (list) list.push(at);
    else byColour.set(colour, [at]);
    if (painting.selected.has(operator.id)) marked.push(at);
    if ((look?.errors ?? 0) > 0) faulty.push(at);
    if (detailed) texts.push([painting.titles(operator.id), at]);
  }
  for (const [colour, places] of byColour) {
    context.fillStyle = detailed ? colours.surface : colour;
    context.beginPath();
    for (const at of places) context.rect(at.x, at.y, NODE_WIDTH, NODE_HEIGHT);
    context.fill();
    context.strokeStyle = colours.line;
    context.stroke();
    if (detailed) {
      context.fillStyle = colour;
      context.beginPath();
      for (const at of places) context.rect(at.x, at.y, 8, NODE_HEIGHT);
      context.fill();
    }
  }
  for (const [places, colour] of [[faulty, colours.bad], [marked, colours.accent]] as const) {
    if (places.length === 0) continue;
    context.strokeStyle = colour;
    context.lineWidth = Math.max(2, 2 / scale);
    context.beginPath();
    for (const at of places) context.rect(at.x, at.y, NODE_WIDTH, NODE_HEIGHT);
    context.stroke();
  }
  if (quick && texts.length > MOST_NAMES_WHEN_QUICK) return;
  context.fillStyle = colours.text;
  for (const [text, at] of texts) context.fillText(text, at.x + 18, at.y + NODE_HEIGHT / 2, NODE_WIDTH - 26);
}
