// Room for operators that a fix puts in: each below what it reads, and what reads it moves down, so that edges lead downwards.
import type { DagModel, Edit } from "@/api/types";
import { applyEdits } from "./apply";
import { NODE_HEIGHT, NODE_WIDTH, type Point, positionOf } from "./model";
import { type Adjacency, adjacency, descendants } from "./reach";

const ROW = NODE_HEIGHT + 44;
const GAP = 20;
const STEP = 20;
/** How far to the side a free place is looked for, in steps. */
const MOST_STEPS = 60;

/** The same edits, with places for the operators that they add and for those that must make way. */
export function withRoom(dag: DagModel, edits: readonly Edit[]): Edit[] {
  const added = new Set(edits.flatMap((edit) => (edit.type === "add_operator" ? [edit.operator.id] : [])));
  if (added.size === 0) return [...edits];
  const { dag: after } = applyEdits(dag, edits);
  const near = adjacency(after);
  const { incoming, outgoing } = near;
  const places = new Map<string, Point>(after.operators.map((operator) => [operator.id, positionOf(operator)]));
  const moved = new Set<string>();
  // An added operator has no place until its turn has come: nothing must avoid it before.
  const waiting = new Set(added);
  for (const id of order(after, near)) {
    const sources = (incoming.get(id) ?? []).map((edge) => edge.source);
    const lowest = (of: string[]) => Math.max(...of.map((source) => (places.get(source)?.y ?? 0) + ROW));
    const at = places.get(id);
    if (!at || sources.length === 0) {
      waiting.delete(id);
      continue;
    }
    if (added.has(id)) {
      const [reader] = (outgoing.get(id) ?? []).map((edge) => edge.target).filter((target) => !added.has(target));
      const x = (reader === undefined ? undefined : places.get(reader)?.x) ?? at.x;
      places.set(id, free({ x, y: lowest(sources) }, id, places, waiting, descendants(near, [id])));
      moved.add(id);
    } else {
      const y = lowest(sources.filter((source) => moved.has(source)));
      if (y > at.y) {
        places.set(id, free({ x: at.x, y }, id, places, waiting, descendants(near, [id])));
        moved.add(id);
      }
    }
    waiting.delete(id);
  }
  const placed = edits.map((edit): Edit => (edit.type === "add_operator" ? { ...edit, operator: { ...edit.operator, coordinate: places.get(edit.operator.id) } } : edit));
  const aside = [...moved].flatMap((id): Edit[] => {
    const at = places.get(id);
    return added.has(id) || !at ? [] : [{ type: "set_coordinate", operator: id, x: at.x, y: at.y }];
  });
  return [...placed, ...aside];
}

/** The nearest place in that row where nothing else stands; what is going to move down anyway isn't in the way. */
function free(at: Point, id: string, places: ReadonlyMap<string, Point>, waiting: ReadonlySet<string>, going: ReadonlySet<string>): Point {
  const others = [...places].filter(([other]) => other !== id && !waiting.has(other) && !going.has(other)).map(([, place]) => place);
  const taken = (x: number) => others.some((other) => Math.abs(other.x - x) < NODE_WIDTH + GAP && Math.abs(other.y - at.y) < NODE_HEIGHT + GAP);
  for (let step = 0; step <= MOST_STEPS; step += 1) {
    for (const x of [at.x + step * STEP, at.x - step * STEP]) if (!taken(x)) return { x, y: at.y };
  }
  return at;
}

/** Each after those it reads from. */
function order(dag: DagModel, { incoming, outgoing }: Adjacency): string[] {
  const open = new Map(dag.operators.map((operator) => [operator.id, incoming.get(operator.id)?.length ?? 0]));
  const ready = [...open].filter(([, count]) => count === 0).map(([id]) => id);
  const sorted: string[] = [];
  for (let id = ready.shift(); id !== undefined; id = ready.shift()) {
    sorted.push(id);
    for (const { target } of outgoing.get(id) ?? []) {
      const left = (open.get(target) ?? 0) - 1;
      open.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  return sorted;
}
