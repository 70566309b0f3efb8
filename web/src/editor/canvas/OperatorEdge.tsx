// An edge on the canvas.
import { BaseEdge, type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { edgePath } from "./geometry";
import type { OperatorFlowEdge } from "./flow";
import { PORT } from "./geometry";

export const OperatorEdge = memo(function OperatorEdge({ id, sourceX, sourceY, targetX, targetY, data, selected }: EdgeProps<OperatorFlowEdge>) {
  // React Flow gives the outer side of a port; edges meet in its middle.
  const path = edgePath({ x: sourceX, y: sourceY - PORT / 2 }, { x: targetX, y: targetY + PORT / 2 });
  return <BaseEdge id={id} path={path} interactionWidth={14} className={`wire wire-${data?.type ?? "any"}${selected ? " wire-selected" : ""}`} />;
});
