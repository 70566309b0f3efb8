// A simple layered layout for big graphs, linear but for a few sweeps: layer by longest path, order by the middle of neighbours.
import type { LayoutGraph, Positions } from "./layout";
import { NODE_HEIGHT, NODE_WIDTH } from "./model";

const GAP_X = 40;
const GAP_Y = 54;
const SWEEPS = 4;

export function layered(graph: LayoutGraph): Positions {
  const count = graph.ids.length;
  const out: number[][] = Array.from({ length: count }, () => []);
  const into: number[][] = Array.from({ length: count }, () => []);
  for (const [source, target] of graph.edges) {
    out[source]?.push(target);
    into[target]?.push(source);
  }
  const layerOf = longestPath(count, out, into);
  const sparse: number[][] = Array.from({ length: count + 2 }, () => []);
  for (let node = 0; node < count; node += 1) sparse[layerOf[node] ?? 0]?.push(node);
  const layers = sparse.filter((layer) => layer.length > 0);
  order(layers, into, out);
  const widest = Math.max(0, ...layers.map((layer) => layer.length));
  const positions: Positions = {};
  for (const [depth, layer] of layers.entries()) {
    const shift = (widest - layer.length) / 2;
    for (const [place, node] of layer.entries()) {
      const id = graph.ids[node];
      if (id !== undefined) positions[id] = { x: Math.round((place + shift) * (NODE_WIDTH + GAP_X)), y: depth * (NODE_HEIGHT + GAP_Y) };
    }
  }
  return positions;
}

/** Kahn's order; what lies on a cycle goes below everything else. */
function longestPath(count: number, out: number[][], into: number[][]): number[] {
  const layer = new Array<number>(count).fill(0);
  const open = into.map((list) => list.length);
  const todo: number[] = [];
  for (let node = 0; node < count; node += 1) if (open[node] === 0) todo.push(node);
  let done = 0;
  let deepest = 0;
  for (let at = 0; at < todo.length; at += 1) {
    const node = todo[at] as number;
    done += 1;
    for (const target of out[node] ?? []) {
      layer[target] = Math.max(layer[target] ?? 0, (layer[node] ?? 0) + 1);
      deepest = Math.max(deepest, layer[target] ?? 0);
      open[target] = (open[target] ?? 0) - 1;
      if (open[target] === 0) todo.push(target);
    }
  }
  if (done < count) for (let node = 0; node < count; node += 1) if ((open[node] ?? 0) > 0) layer[node] = deepest + 1;
  return layer;
}

function order(layers: number[][], into: number[][], out: number[][]): void {
  const place = new Map<number, number>();
  const settle = (layer: number[]) => layer.forEach((node, at) => place.set(node, at - layer.length / 2));
  for (const layer of layers) settle(layer);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const down = sweep % 2 === 0;
    const rows = down ? layers : layers.slice().reverse();
    const near = down ? into : out;
    for (const layer of rows) {
      const middle = new Map<number, number>();
      for (const node of layer) {
        const others = (near[node] ?? []).map((other) => place.get(other) ?? 0);
        middle.set(node, others.length > 0 ? others.reduce((a, b) => a + b, 0) / others.length : (place.get(node) ?? 0));
      }
      layer.sort((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0) || a - b);
      settle(layer);
    }
  }
}
