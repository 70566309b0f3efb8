import { describe, expect, it } from "vitest";
import type { Edit } from "@/api/types";
import { applyEdits } from "./apply";
import { applicable, changedOperators, difference } from "./difference";
import { sameDag } from "./model";
import { SEED, edge, op } from "./samples";

const EDITS: Edit[] = [
  { type: "set_param", operator: "fit", name: "C", value: 0.1 },
  { type: "set_param", operator: "fit", name: "tol", value: null },
  { type: "remove_operator", operator: "gbdt" },
  { type: "add_operator", operator: op("new", "scale", 3, 4, { columns: ["a"] }) },
  { type: "add_edge", ...edge("split", 1, "predict", 0) },
  { type: "add_edge", ...edge("split", 0, "new", 0) },
  { type: "set_field", operator: "eval", field: "timeout", value: "90s" },
  { type: "set_field", operator: "predict", field: "env", value: ["polars>=1"] },
  { type: "set_coordinate", operator: "read", x: 1, y: 2 },
  { type: "set_dag_field", field: "name", value: "credit" },
];

describe("the difference of two documents", () => {
  it("leads from one to the other, both ways", () => {
    const after = applyEdits(SEED, EDITS).dag;
    expect(sameDag(applyEdits(SEED, difference(SEED, after)).dag, after)).toBe(true);
    const back = applyEdits(after, difference(after, SEED)).dag;
    // The document's own name goes, its viewport was never touched.
    expect(sameDag(back, SEED)).toBe(true);
    expect(difference(SEED, SEED)).toEqual([]);
  });

  it("can be laid over somebody else's change, except where they conflict", () => {
    const mine = difference(SEED, applyEdits(SEED, EDITS).dag);
    const theirs = applyEdits(SEED, [{ type: "remove_operator", operator: "eval" }, { type: "set_param", operator: "gbdt", name: "n", value: 3 }]).dag;
    const { dag, refused } = applicable(theirs, mine);
    expect(refused).toBe(1);
    expect(dag.name).toBe("credit");
    expect(dag.operators.map((one) => one.id)).toEqual(["read", "split", "fit", "predict", "new"]);
  });
});

describe("what is stale", () => {
  it("is what changed and all below it", () => {
    const after = applyEdits(SEED, [{ type: "set_param", operator: "fit", name: "C", value: 2 }, { type: "set_coordinate", operator: "read", x: 9, y: 9 }]).dag;
    expect([...changedOperators(SEED, after)].sort()).toEqual(["eval", "fit", "predict"]);
    expect(changedOperators(SEED, SEED).size).toBe(0);
  });
});
