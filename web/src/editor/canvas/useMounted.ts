// Which part of a big document React Flow is given: what is in sight, a few nodes more in each frame. The picture beneath shows what isn't there yet.
import { useStore } from "@xyflow/react";
import { useEffect, useMemo, useRef, useState } from "react";
import { NODE_HEIGHT, NODE_WIDTH } from "@/graph/model";
import type { OperatorFlowEdge, OperatorFlowNode } from "./flow";
import type { Box } from "./paint";

/** Mounting costs about a millisecond a node on a slow machine; a frame has sixteen. */
const MORE_PER_FRAME = 4;
const FEWER_PER_FRAME = 12;
const MARGIN = 0.12;
const MOST_TIMES_LARGER = 5;

export const NOBODY: ReadonlySet<string> = new Set();

export interface Mounted {
  nodes: OperatorFlowNode[];
  edges: OperatorFlowEdge[];
  ids: ReadonlySet<string>;
}

export function useMounted(big: boolean, far: boolean, zooming: boolean, nodes: OperatorFlowNode[], edges: OperatorFlowEdge[]): Mounted {
  const sight = useSight(big && !far);
  const [ids, setIds] = useState(NOBODY);
  const now = useRef(ids);
  now.current = ids;
  const everything = useRef(nodes);
  everything.current = nodes;
  const count = nodes.length;
  useEffect(() => {
    if (!big || zooming) return;
    const wanted = sight ? inSight(everything.current, sight) : [];
    const wantedSet = new Set(wanted);
    let frame = 0;
    const step = () => {
      const next = new Set<string>();
      let fewer = 0;
      for (const id of now.current) {
        if (wantedSet.has(id)) next.add(id);
        else if (fewer < FEWER_PER_FRAME) fewer += 1;
        else next.add(id);
      }
      let more = 0;
      for (const id of wanted) {
        if (more >= MORE_PER_FRAME) break;
        if (next.has(id)) continue;
        next.add(id);
        more += 1;
      }
      if (fewer === 0 && more === 0) return;
      now.current = next;
      setIds(next);
      frame = requestAnimationFrame(step);
    };
    step();
    return () => cancelAnimationFrame(frame);
  }, [big, zooming, sight, count]);
  return useMemo(() => {
    if (!big) return { nodes, edges, ids: NOBODY };
    return { nodes: nodes.filter((node) => ids.has(node.id)), edges: edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target)), ids };
  }, [big, nodes, edges, ids]);
}

/** From the middle outwards. */
function inSight(nodes: readonly OperatorFlowNode[], box: Box): string[] {
  const x = box.x + box.width / 2;
  const y = box.y + box.height / 2;
  return nodes
    .filter(({ position }) => position.x + NODE_WIDTH >= box.x && position.x <= box.x + box.width && position.y + NODE_HEIGHT >= box.y && position.y <= box.y + box.height)
    .map(({ id, position }) => ({ id, distance: Math.hypot(position.x + NODE_WIDTH / 2 - x, position.y + NODE_HEIGHT / 2 - y) }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ id }) => id);
}

/** What is in sight and a margin; the same until it is left, or much too large. */
function useSight(on: boolean): Box | null {
  const last = useRef<Box | null>(null);
  return useStore((state) => {
    if (!on || state.width === 0) {
      last.current = null;
      return null;
    }
    const [x, y, zoom] = state.transform;
    const view = { x: -x / zoom, y: -y / zoom, width: state.width / zoom, height: state.height / zoom };
    const before = last.current;
    if (before && holds(before, view) && before.width * before.height <= MOST_TIMES_LARGER * view.width * view.height) return before;
    last.current = { x: view.x - view.width * MARGIN, y: view.y - view.height * MARGIN, width: view.width * (1 + 2 * MARGIN), height: view.height * (1 + 2 * MARGIN) };
    return last.current;
  });
}

function holds(box: Box, inner: Box): boolean {
  return inner.x >= box.x && inner.y >= box.y && inner.x + inner.width <= box.x + box.width && inner.y + inner.height <= box.y + box.height;
}
