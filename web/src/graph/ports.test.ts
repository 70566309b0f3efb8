import { describe, expect, it } from "vitest";
import type { EdgeModel } from "@/api/types";
import { connect, insertOnEdge, insertion } from "./connect";
import { applyEdits } from "./apply";
import { Judge } from "./ports";
import { CATALOGUE, SEED, edge, op } from "./samples";

const WORLD = applyEdits(SEED, [
  { type: "add_operator", operator: op("score", "score") },
  { type: "add_operator", operator: op("scale", "scale", 500, 500) },
  { type: "add_operator", operator: op("union", "union") },
  { type: "add_operator", operator: op("load", "load") },
  { type: "add_operator", operator: op("any", "any") },
  { type: "add_operator", operator: op("strange", "unheard_of") },
]).dag;

function check(given: EdgeModel, expected: object): void {
  expect(new Judge(WORLD, CATALOGUE).judge(given)).toEqual(expected);
}

describe("an edge", () => {
  it("goes from an output to an input of its type", () => {
    check(edge("read", 0, "score", 0), { ok: true });
    check(edge("fit", 0, "score", 1), { ok: true });
    check(edge("scale", 0, "any", 0), { ok: true });
    check(edge("any", 0, "score", 1), { ok: true });
  });

  it("is refused with the reason", () => {
    check(edge("read", 0, "read", 0), { ok: false, reason: "self" });
    check(edge("eval", 0, "read", 0), { ok: false, reason: "cycle" });
    check(edge("predict", 0, "fit", 0), { ok: false, reason: "cycle" });
    check(edge("read", 0, "split", 0), { ok: false, reason: "duplicate" });
    check(edge("read", 7, "score", 0), { ok: false, reason: "no_port" });
    check(edge("read", 0, "score", 2), { ok: false, reason: "no_port" });
    check(edge("read", 0, "score", 1), { ok: false, reason: "type", offered: "data", accepted: "model" });
    check(edge("scale", 1, "score", 0), { ok: false, reason: "type", offered: "transform", accepted: "data" });
  });

  it("takes a model on a data port where the seed's kinds do, with a warning", () => {
    check(edge("fit", 0, "predict", 0), { ok: true, warning: "model_stands_for_table", replaces: edge("gbdt", 0, "predict", 0) });
    check(edge("fit", 0, "score", 0), { ok: false, reason: "type", offered: "model", accepted: "data" });
    check(edge("load", 0, "predict", 0), { ok: false, reason: "model_without_table" });
  });

  it("into a taken single input replaces", () => {
    check(edge("split", 1, "predict", 0), { ok: true, replaces: edge("gbdt", 0, "predict", 0) });
  });

  it("is allowed where the kinds aren't known", () => {
    check(edge("strange", 3, "score", 0), { ok: true });
    check(edge("read", 0, "strange", 9), { ok: true });
  });
});

describe("drawing", () => {
  it("removes the edge it replaces in the same step", () => {
    const { edits } = connect(WORLD, CATALOGUE, edge("split", 1, "predict", 0));
    expect(edits).toEqual([
      { type: "remove_edge", ...edge("gbdt", 0, "predict", 0) },
      { type: "add_edge", ...edge("split", 1, "predict", 0) },
    ]);
  });

  it("into a variadic input takes the next index", () => {
    let dag = WORLD;
    for (const [at, source] of [["0", "read"], ["1", "split"], ["2", "predict"]] as const) {
      const { verdict, edits } = connect(dag, CATALOGUE, edge(source, 0, "union", 0));
      expect(verdict.ok).toBe(true);
      expect(edits).toEqual([{ type: "add_edge", ...edge(source, 0, "union", Number(at)) }]);
      dag = applyEdits(dag, edits).dag;
    }
  });

  it("does nothing where it is refused", () => {
    expect(connect(WORLD, CATALOGUE, edge("eval", 0, "read", 0)).edits).toEqual([]);
  });
});

describe("an operator on an edge", () => {
  it("is wired in by its first fitting ports", () => {
    const operator = op("new", "scale", 230, 210);
    const edits = insertOnEdge(SEED, CATALOGUE, operator, edge("split", 0, "fit", 0), true);
    expect(edits?.slice(0, 4)).toEqual([
      { type: "add_operator", operator },
      { type: "remove_edge", ...edge("split", 0, "fit", 0) },
      { type: "add_edge", ...edge("split", 0, "new", 0) },
      { type: "add_edge", ...edge("new", 0, "fit", 0) },
    ]);
  });

  it("pushes what follows down", () => {
    const edits = insertOnEdge(SEED, CATALOGUE, op("new", "scale", 130, 262), edge("split", 0, "fit", 0), true) ?? [];
    const { dag } = applyEdits(SEED, edits);
    const y = (id: string) => dag.operators.find((one) => one.id === id)?.coordinate?.y ?? 0;
    expect(y("fit")).toBeGreaterThan(262 + 46);
    expect(y("eval") - y("predict")).toBe(503 - 396);
    expect(y("gbdt")).toBe(295);
  });

  it("is refused where its ports don't fit, and beside itself", () => {
    expect(insertion(SEED, CATALOGUE, CATALOGUE.get("evaluate")!, edge("split", 0, "fit", 0))).toBeNull();
    expect(insertion(SEED, CATALOGUE, CATALOGUE.get("read")!, edge("split", 0, "fit", 0))).toBeNull();
    expect(insertOnEdge(SEED, CATALOGUE, op("fit", "scale"), edge("split", 0, "fit", 0), false)).toBeNull();
  });
});
