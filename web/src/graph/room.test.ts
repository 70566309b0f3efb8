// Where operators go that a fix puts in.
import { describe, expect, it } from "vitest";
import type { DagModel, Edit, OperatorModel } from "@/api/types";
import { applyEdits } from "./apply";
import { NODE_HEIGHT, NODE_WIDTH, positionOf } from "./model";
import { withRoom } from "./room";

const operator = (id: string, x: number, y: number): OperatorModel => ({ id, algo_name: id, params: {}, disabled: false, coordinate: { x, y } });
const edge = (source: string, target: string, source_index = 0, target_index = 0) => ({ source, source_index, target, target_index });

/** The seed's graph, and the edits that its finding's fix makes. */
const seed: DagModel = {
  operators: [operator("read", 180, 20), operator("split", 270, 115), operator("fit", 170, 215), operator("boost", 480, 245), operator("predict", 300, 345), operator("judge", 310, 455)],
  edges: [edge("read", "split"), edge("split", "fit"), edge("split", "boost", 1), edge("fit", "predict", 0, 1), edge("boost", "predict"), edge("predict", "judge")],
};
const fix: Edit[] = [
  { type: "add_operator", operator: operator("scale", -30, 215) },
  { type: "add_operator", operator: operator("apply", 500, 345) },
  { type: "remove_edge", ...edge("split", "fit") },
  { type: "remove_edge", ...edge("boost", "predict") },
  { type: "add_edge", ...edge("split", "scale") },
  { type: "add_edge", ...edge("scale", "fit") },
  { type: "add_edge", ...edge("scale", "apply", 1) },
  { type: "add_edge", ...edge("split", "apply", 1, 1) },
  { type: "add_edge", ...edge("apply", "predict") },
];

describe("room for a fix", () => {
  const { dag } = applyEdits(seed, withRoom(seed, fix));
  const at = (id: string) => positionOf(dag.operators.find((one) => one.id === id) ?? operator(id, 0, 0));

  it("lets every edge lead downwards", () => {
    for (const { source, target } of dag.edges) expect([source, target, at(target).y - at(source).y >= NODE_HEIGHT + 20]).toEqual([source, target, true]);
  });

  it("puts nothing over anything", () => {
    for (const a of dag.operators) {
      for (const b of dag.operators) {
        if (a.id >= b.id) continue;
        const apart = Math.abs(at(a.id).x - at(b.id).x) >= NODE_WIDTH || Math.abs(at(a.id).y - at(b.id).y) >= NODE_HEIGHT;
        expect([a.id, b.id, apart]).toEqual([a.id, b.id, true]);
      }
    }
  });

  it("leaves alone what need not move", () => {
    for (const id of ["read", "split", "boost"]) expect(at(id)).toEqual(positionOf(seed.operators.find((one) => one.id === id) ?? operator(id, 0, 0)));
  });

  it("changes no edits that add nothing", () => {
    const edits: Edit[] = [{ type: "set_param", operator: "fit", name: "C", value: 1 }];
    expect(withRoom(seed, edits)).toEqual(edits);
  });
});
