// The document as React Flow wants it. Objects are made once for each operator and edge and kept, so that only what changed is drawn anew.
import { type Edge, type Node, Position } from "@xyflow/react";
import type { EdgeModel, OperatorKind, OperatorModel } from "@/api/types";
import { type Catalogue, NODE_HEIGHT, NODE_WIDTH, edgeKey, positionOf } from "@/graph/model";
import { PORT, inputs, outputs, portAt } from "./geometry";

export interface OperatorData extends Record<string, unknown> {
  operator: OperatorModel;
  kind: OperatorKind | undefined;
}

export type OperatorFlowNode = Node<OperatorData, "operator">;
export type OperatorFlowEdge = Edge<{ edge: EdgeModel; type: string }, "operator">;

export class FlowMaker {
  private nodes = new WeakMap<OperatorModel, OperatorFlowNode>();
  private edges = new WeakMap<EdgeModel, OperatorFlowEdge>();
  private readonly catalogue: Catalogue;

  constructor(catalogue: Catalogue) {
    this.catalogue = catalogue;
  }

  node(operator: OperatorModel, selected: boolean): OperatorFlowNode {
    const known = this.nodes.get(operator);
    if (known && known.selected === selected) return known;
    const kind = this.catalogue.get(operator.algo_name);
    const node: OperatorFlowNode = known
      ? { ...known, selected }
      : {
          id: operator.id,
          type: "operator",
          position: positionOf(operator),
          width: NODE_WIDTH,
          height: NODE_HEIGHT,
          measured: { width: NODE_WIDTH, height: NODE_HEIGHT },
          handles: [...handles(inputs(kind), "in"), ...handles(outputs(kind), "out")],
          data: { operator, kind },
          selected,
        };
    this.nodes.set(operator, node);
    return node;
  }

  edge(edge: EdgeModel, type: string, selected: boolean, targetInputs: number): OperatorFlowEdge {
    const known = this.edges.get(edge);
    const handle = `in-${Math.min(edge.target_index, Math.max(targetInputs - 1, 0))}`;
    if (known && known.selected === selected && known.data?.type === type && known.targetHandle === handle) return known;
    const made: OperatorFlowEdge = {
      id: edgeKey(edge),
      type: "operator",
      source: edge.source,
      target: edge.target,
      sourceHandle: `out-${edge.source_index}`,
      targetHandle: handle,
      data: { edge, type },
      selected,
    };
    this.edges.set(edge, made);
    return made;
  }
}

function handles(count: number, side: "in" | "out") {
  return Array.from({ length: count }, (_, index) => {
    const { x, y } = portAt(count, index, side);
    return {
      id: `${side}-${index}`,
      type: side === "in" ? ("target" as const) : ("source" as const),
      position: side === "in" ? Position.Top : Position.Bottom,
      x: x - PORT / 2,
      y: y - PORT / 2,
      width: PORT,
      height: PORT,
    };
  });
}

/** `in-3` is port 3. */
export function portOf(handle: string | null | undefined): number {
  return Number(handle?.split("-")[1] ?? 0);
}
