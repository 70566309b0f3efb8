import { describe, expect, it } from "vitest";
import type { DagModel, Edit, OperatorField } from "@/api/types";
import { EditRefused, applyEdits } from "./apply";
import { operatorOf, sameDag } from "./model";
import { SEED, edge, op } from "./samples";

function check(edits: Edit[], look: (dag: DagModel) => unknown, expected: unknown): void {
  const { dag, inverse } = applyEdits(SEED, edits);
  expect(look(dag)).toEqual(expected);
  expect(sameDag(applyEdits(dag, inverse).dag, SEED)).toBe(true);
}

function refused(edits: Edit[], code: string, index = 0): void {
  const before = structuredClone(SEED);
  expect(() => applyEdits(SEED, edits)).toThrow(expect.objectContaining({ code, index }) as Error);
  expect(SEED).toEqual(before);
}

describe("edits", () => {
  it("set and remove parameters", () => {
    check([{ type: "set_param", operator: "fit", name: "C", value: 0.1 }], (dag) => operatorOf(dag, "fit")?.params, { C: 0.1 });
    check([{ type: "set_param", operator: "fit", name: "tol", value: null }], (dag) => operatorOf(dag, "fit")?.params, { C: 1, tol: null });
    check([{ type: "remove_param", operator: "fit", name: "C" }], (dag) => operatorOf(dag, "fit")?.params, {});
  });

  it("set fields as YAML words them", () => {
    const cases: [OperatorField, unknown, object][] = [
      ["timeout", "1m30s", { timeout_ms: 90_000 }],
      ["retry_delay", 2, { retry_delay_ms: 2_000 }],
      ["resources", { cpu: 2, memory: "512MiB" }, { resources: { cpu: 2, memory_bytes: 536_870_912 } }],
      ["disabled", true, { disabled: true }],
      ["cn_name", "回归", { cn_name: "回归" }],
      ["retries", 3, { retries: 3 }],
      ["cache", false, { cache: false }],
      ["env", ["lightgbm==4.5.0"], { env: ["lightgbm==4.5.0"] }],
    ];
    for (const [field, value, expected] of cases) {
      check([{ type: "set_field", operator: "fit", field, value }], (dag) => operatorOf(dag, "fit"), { ...operatorOf(SEED, "fit"), ...expected });
    }
    refused([{ type: "set_field", operator: "fit", field: "timeout", value: "soon" }], "bad_value");
  });

  it("take a field away and give it back", () => {
    const { dag } = applyEdits(SEED, [
      { type: "set_field", operator: "fit", field: "timeout", value: "1500ms" },
      { type: "set_field", operator: "fit", field: "resources", value: { memory: "2g", gpu: 1 } },
      { type: "set_field", operator: "fit", field: "disabled", value: true },
    ]);
    for (const field of ["timeout", "resources", "disabled"] as const) {
      const { dag: without, inverse } = applyEdits(dag, [{ type: "set_field", operator: "fit", field, value: null }]);
      expect(sameDag(without, dag)).toBe(false);
      expect(sameDag(applyEdits(without, inverse).dag, dag)).toBe(true);
    }
  });

  it("add, remove and rename operators with their edges", () => {
    check([{ type: "add_operator", operator: op("new", "split", 1, 2) }], (dag) => dag.operators.length, 7);
    check([{ type: "remove_operator", operator: "predict" }], (dag) => [dag.operators.length, dag.edges.length], [5, 3]);
    check([{ type: "rename_operator", operator: "split", to: "拆分" }], (dag) => dag.edges.filter((e) => e.source === "拆分" || e.target === "拆分").length, 3);
    refused([{ type: "add_operator", operator: op("read", "read") }], "operator_exists");
    refused([{ type: "rename_operator", operator: "read", to: "split" }], "operator_exists");
    for (const id of ["", "a/b", "a\\b", "a\nb", "x".repeat(257)]) refused([{ type: "rename_operator", operator: "read", to: id }], "bad_id");
  });

  it("draw and remove edges", () => {
    check([{ type: "add_edge", ...edge("split", 1, "predict", 0) }], (dag) => dag.edges.length, 7);
    check([{ type: "remove_edge", ...edge("gbdt", 0, "predict", 0) }], (dag) => dag.edges.length, 5);
    refused([{ type: "add_edge", ...edge("read", 0, "split", 0) }], "edge_exists");
    refused([{ type: "add_edge", ...edge("read", 0, "read", 0) }], "self_edge");
    refused([{ type: "remove_edge", ...edge("read", 0, "eval", 0) }], "no_such_edge");
    refused([{ type: "add_edge", ...edge("read", 0, "nowhere", 0) }], "no_such_operator");
  });

  it("set the DAG's own fields and the viewport", () => {
    check([{ type: "set_dag_field", field: "name", value: "credit" }], (dag) => dag.name, "credit");
    check([{ type: "set_dag_field", field: "schedule", value: { cron: "0 6 * * *", timezone: "Asia/Shanghai" } }], (dag) => dag.schedule, { cron: "0 6 * * *", timezone: "Asia/Shanghai" });
    check([{ type: "set_viewport", translate: [1, 2], scale: 0.5 }], (dag) => dag.viewport, { translate: [1, 2], scale: 0.5 });
  });

  it("are all applied or none", () => {
    refused([{ type: "remove_operator", operator: "read" }, { type: "set_param", operator: "read", name: "x", value: 1 }], "no_such_operator", 1);
  });

  it("leave what they don't concern as it is", () => {
    const { dag } = applyEdits(SEED, [{ type: "set_param", operator: "fit", name: "C", value: 2 }]);
    expect(operatorOf(dag, "read")).toBe(operatorOf(SEED, "read"));
    expect(operatorOf(dag, "fit")).not.toBe(operatorOf(SEED, "fit"));
  });

  it("any sequence is taken back by its inverse", () => {
    let state = 12345;
    const random = (n: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((state / 2_147_483_648) * n);
    };
    const pick = <T,>(items: readonly T[]): T => items[random(items.length)] as T;
    let applied = 0;
    for (let round = 0; round < 400; round += 1) {
      const edits: Edit[] = [];
      let now = SEED;
      for (let n = 0; n < 8; n += 1) {
        const ids = now.operators.map((one) => one.id);
        const id = pick(ids) ?? "read";
        const edit = pick<Edit>([
          { type: "set_param", operator: id, name: pick(["C", "D", "E"]), value: random(100) },
          { type: "remove_param", operator: id, name: pick(["C", "D"]) },
          { type: "set_coordinate", operator: id, x: random(500), y: random(500) },
          { type: "set_field", operator: id, field: pick(["retries", "priority"]), value: pick([null, 1, 2]) },
          { type: "add_operator", operator: op(`n${round}_${n}`, "split") },
          { type: "remove_operator", operator: id },
          { type: "rename_operator", operator: id, to: `r${round}_${n}` },
          { type: "add_edge", ...edge(id, random(2), pick(ids) ?? id, random(2)) },
          { type: "remove_edge", ...(pick(now.edges) ?? edge("a", 0, "b", 0)) },
          { type: "set_dag_field", field: "concurrency", value: pick([null, 4]) },
        ]);
        try {
          now = applyEdits(now, [edit]).dag;
          edits.push(edit);
        } catch (error) {
          expect(error).toBeInstanceOf(EditRefused);
        }
      }
      applied += edits.length;
      const { dag, inverse } = applyEdits(SEED, edits);
      expect(sameDag(dag, now)).toBe(true);
      expect(sameDag(applyEdits(dag, inverse).dag, SEED)).toBe(true);
    }
    expect(applied).toBeGreaterThan(1_500);
  });
});
