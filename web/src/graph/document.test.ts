import { describe, expect, it } from "vitest";
import { align, distribute } from "./arrange";
import { applyEdits } from "./apply";
import { copy, fromText, paste, toText } from "./clipboard";
import { NO_HISTORY, record, redo, undo } from "./history";
import { IdMaker } from "./ids";
import { graphOf, layout, layoutEdits } from "./layout";
import { layered } from "./layered";
import { lacking } from "./missing";
import { NODE_HEIGHT, NODE_WIDTH, equal, sameDag } from "./model";
import { checkParam } from "./params";
import { parseDurationMs, parseMemoryBytes, writeDuration, writeMemory } from "./quantities";
import { adjacency, ancestors, descendants } from "./reach";
import { CATALOGUE, SEED, edge, op, param } from "./samples";

describe("the clipboard", () => {
  it("carries parameters and inner edges to another DAG", () => {
    const clip = fromText(toText(copy(SEED, new Set(["split", "fit", "predict"]))));
    expect(clip?.edges).toEqual([edge("split", 0, "fit", 0), edge("fit", 0, "predict", 1)]);
    const ids = new IdMaker([], "7", 1_517_360_824_080);
    const { edits, ids: made } = paste(clip!, ids, { x: 10, y: 20 });
    const { dag } = applyEdits({ operators: [], edges: [] }, edits);
    expect(made).toEqual(["split_7_1517360824080", "fit_7_1517360824081", "predict_7_1517360824082"]);
    expect(dag.operators.map((one) => one.coordinate)).toEqual([{ x: 106, y: 20 }, { x: 10, y: 118 }, { x: 138, y: 252 }]);
    expect(dag.operators[1]?.params).toEqual({ C: 1 });
    expect(dag.edges).toEqual([edge(made[0]!, 0, made[1]!, 0), edge(made[1]!, 0, made[2]!, 1)]);
  });

  it("takes no other text", () => {
    for (const text of ["", "hello", "{}", "suanzi-operators", '{"suanzi-operators":1}', '{"suanzi-operators":1,"operators":[3],"edges":[]}']) {
      expect(fromText(text)).toBeNull();
    }
  });
});

describe("ids", () => {
  it("are never ones that are taken", () => {
    const ids = new IdMaker(["fit_1_100", "fit_1_101"], "", 100);
    expect([ids.make("fit"), ids.make("fit")]).toEqual(["fit_1_102", "fit_1_103"]);
  });
});

describe("history", () => {
  it("goes back and forth over any number of steps", () => {
    let history = NO_HISTORY;
    let dag = SEED;
    const seen = [dag];
    for (let n = 0; n < 5; n += 1) {
      const edits = [{ type: "set_param" as const, operator: "fit", name: "C", value: n }];
      const { dag: after, inverse } = applyEdits(dag, edits);
      history = record(history, { label: "x", before: dag, after, edits, inverse });
      dag = after;
      seen.push(dag);
    }
    for (let n = 4; n >= 0; n -= 1) {
      const back = undo(history)!;
      history = back.history;
      expect(back.step.before).toBe(seen[n]);
      expect(sameDag(applyEdits(back.step.after, back.step.inverse ?? []).dag, back.step.before)).toBe(true);
    }
    expect(undo(history)).toBeNull();
    for (let n = 1; n <= 5; n += 1) {
      const forth = redo(history)!;
      history = forth.history;
      expect(forth.step.after).toBe(seen[n]);
    }
    expect(redo(history)).toBeNull();
  });

  it("forgets what was undone once something else is done", () => {
    const step = { label: "x", before: SEED, after: SEED, edits: [], inverse: [] };
    const back = undo(record(record(NO_HISTORY, step), step))!;
    expect(record(back.history, step).future).toEqual([]);
  });
});

describe("layout", () => {
  it("puts every operator below those it needs, and none on another", () => {
    const { dag } = applyEdits(SEED, layoutEdits(SEED, layout(graphOf(SEED))));
    const at = new Map(dag.operators.map((one) => [one.id, one.coordinate!]));
    for (const { source, target } of dag.edges) expect(at.get(target)!.y).toBeGreaterThan(at.get(source)!.y);
    expectApart([...at.values()]);
    expect(layoutEdits(dag, layout(graphOf(dag)))).toEqual([]);
  });

  it("does so for big graphs, fast", () => {
    const ids = Array.from({ length: 3_000 }, (_, n) => `n${n}`);
    const edges = ids.flatMap((_, n): [number, number][] => (n < 10 ? [] : [[n - 10, n], [Math.floor(n / 2), n]]));
    const begun = performance.now();
    const found = layered({ ids, edges });
    expect(performance.now() - begun).toBeLessThan(2_000);
    for (const [source, target] of edges) expect(found[`n${target}`]!.y).toBeGreaterThan(found[`n${source}`]!.y);
    expect(new Set(Object.values(found).map(({ x, y }) => `${x} ${y}`)).size).toBe(3_000);
  });

  it("ends on a cycle and on an empty graph", () => {
    expect(Object.keys(layered({ ids: ["a", "b", "c"], edges: [[0, 1], [1, 2], [2, 1]] }))).toHaveLength(3);
    expect(layout({ ids: [], edges: [] })).toEqual({});
  });

  function expectApart(points: { x: number; y: number }[]): void {
    for (const [n, a] of points.entries()) {
      for (const b of points.slice(n + 1)) {
        expect(Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= NODE_HEIGHT).toBe(true);
      }
    }
  }
});

describe("arranging", () => {
  const some = new Set(["fit", "gbdt", "predict"]);
  const moved = (edits: ReturnType<typeof align>) => applyEdits(SEED, edits).dag.operators.filter((one) => some.has(one.id)).map((one) => one.coordinate);

  it("aligns", () => {
    expect(moved(align(SEED, some, "left")).map((at) => at?.x)).toEqual([130, 130, 130]);
    expect(moved(align(SEED, some, "right")).map((at) => at?.x)).toEqual([432, 432, 432]);
    expect(moved(align(SEED, some, "centre")).map((at) => at?.x)).toEqual([281, 281, 281]);
    expect(moved(align(SEED, some, "top")).map((at) => at?.y)).toEqual([262, 262, 262]);
    expect(moved(align(SEED, some, "bottom")).map((at) => at?.y)).toEqual([396, 396, 396]);
    expect(align(SEED, new Set(["fit"]), "left")).toEqual([]);
  });

  it("distributes with room between", () => {
    const xs = moved(distribute(SEED, some, "across")).map((at) => at?.x ?? 0).sort((a, b) => a - b);
    expect(xs[1]! - xs[0]!).toBe(xs[2]! - xs[1]!);
    expect(xs[1]! - xs[0]!).toBeGreaterThanOrEqual(NODE_WIDTH);
  });
});

describe("reach", () => {
  it("follows edges both ways", () => {
    const near = adjacency(SEED);
    expect([...descendants(near, ["fit"])].sort()).toEqual(["eval", "fit", "predict"]);
    expect([...ancestors(near, ["fit"])].sort()).toEqual(["fit", "read", "split"]);
  });
});

describe("what is missing", () => {
  it("is said for inputs, parameters and unknown kinds", () => {
    const dag = applyEdits(SEED, [
      { type: "remove_edge", ...edge("gbdt", 0, "predict", 0) },
      { type: "remove_param", operator: "read", name: "data_id" },
      { type: "set_param", operator: "fit", name: "C", value: 0 },
      { type: "add_operator", operator: op("strange", "unheard_of") },
      { type: "add_operator", operator: { ...op("off", "split"), disabled: true } },
    ]).dag;
    expect(lacking(dag, CATALOGUE)).toEqual(new Map([
      ["read", { unknown: false, inputs: [], params: ["data_id"] }],
      ["fit", { unknown: false, inputs: [], params: ["C"] }],
      ["predict", { unknown: false, inputs: ["data"], params: [] }],
      ["strange", { unknown: true, inputs: [], params: [] }],
    ]));
    expect(lacking(SEED, CATALOGUE).size).toBe(0);
    expect(lacking(dag, new Map()).size).toBe(0);
  });
});

describe("parameters", () => {
  const cases: [Parameters<typeof param>[1], unknown, string | null][] = [
    [{ kind: "integer" }, 3, null],
    [{ kind: "integer" }, 3.5, "integer"],
    [{ kind: "integer" }, "3", "integer"],
    [{ kind: "number", minimum: 0, maximum: 1 }, 0.5, null],
    [{ kind: "number", minimum: 0, maximum: 1 }, 2, "range"],
    [{ kind: "number", exclusive_minimum: 0 }, 0, "range"],
    [{ kind: "number" }, Infinity, "number"],
    [{ kind: "number", choices: ["auto"] }, "auto", null],
    [{ kind: "boolean" }, "yes", "boolean"],
    [{ kind: "column" }, "age", null],
    [{ kind: "column" }, 2018, null],
    [{ kind: "column" }, "", "column"],
    [{ kind: "columns" }, ["a", "b"], null],
    [{ kind: "columns" }, "a", null],
    [{ kind: "columns" }, [], "items"],
    [{ kind: "columns" }, ["a", 1.5], "columns"],
    [{ kind: "choice", choices: ["l1", "l2"] }, "l1", null],
    [{ kind: "choice", choices: ["l1", "l2"] }, "l3", "choice"],
    [{ kind: "list", items: "integer" }, [1, 2], null],
    [{ kind: "list", items: "integer" }, [1, "2"], "integer"],
    [{ kind: "map" }, [1], "map"],
    [{ kind: "dataset" }, 40, null],
    [{ kind: "string", nullable: true }, null, null],
    [{ kind: "string", default: "x" }, null, "null"],
    [{ kind: "string", required: true }, undefined, "required"],
    [{ kind: "string" }, undefined, null],
    [{ kind: "any", legacy: true }, "whatever", null],
  ];
  it("are judged as the server does", () => {
    for (const [spec, value, code] of cases) expect([spec, value, checkParam(param("p", spec), value)?.code ?? null]).toEqual([spec, value, code]);
  });
});

describe("quantities", () => {
  it("durations", () => {
    for (const [text, ms] of [["30s", 30e3], ["1h30m", 5400e3], ["1h 30m", 5400e3], ["500ms", 500], ["1.5", 1500], [2, 2000], ["5m5m", null], ["30m1h", null], ["", null], ["-5s", null], ["soon", null]] as const) {
      expect([text, parseDurationMs(text)]).toEqual([text, ms]);
    }
    for (const ms of [0, 1, 999, 1_000, 90_000, 5_400_000, 86_400_000]) expect(parseDurationMs(writeDuration(ms))).toBe(ms);
  });

  it("memory", () => {
    for (const [text, bytes] of [["512MiB", 536_870_912], ["2g", 2 ** 31], ["2GB", 2e9], ["1.5g", 1_610_612_736], ["2x", null], ["", null]] as const) {
      expect([text, parseMemoryBytes(text)]).toEqual([text, bytes]);
    }
    for (const bytes of [1, 1_000, 2 ** 20, 3 * 2 ** 30]) expect(parseMemoryBytes(writeMemory(bytes))).toBe(bytes);
  });
});

describe("equality", () => {
  it("is that of JSON", () => {
    expect(equal({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toBe(true);
    expect(equal({ a: 1 }, { a: 1, b: undefined })).toBe(true);
    for (const [a, b] of [[1, "1"], [null, {}], [[1], { 0: 1 }], [{ a: 1 }, { a: 2 }], [[1], [1, 2]]]) expect(equal(a, b)).toBe(false);
  });
});
