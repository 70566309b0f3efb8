// Evaluations are read as the operators write them, and from nonsense without harm.
import { describe, expect, it } from "vitest";

import { curve, figure, readEvaluation } from "./evaluation";
import { evaluation, recorded } from "./testing";

describe("readEvaluation", () => {
  it("reads a binary one", () => {
    const it = evaluation("binary");
    expect([it.kind, it.rows, it.positive, it.negative]).toEqual(["binary", 6000, "1", "0"]);
    expect(figure(it, "auc")).toBe(0.735489);
    expect(figure(it, "brier")).toBeNull();
    expect(it.metrics.map(([name]) => name)).toContain("brier");
    expect(Object.keys(it.curves)).toEqual(["roc", "pr", "ks", "gain", "lift", "calibration"]);
    expect(it.matrix).toEqual({ labels: ["0", "1"], counts: [[4579, 147], [946, 328]] });
    expect(it.thresholds).toHaveLength(11);
    expect(it.findings.map(({ code, fixable }) => [code, fixable])).toEqual([["one_class", true]]);
  });

  it("reads classes of a multiclass one", () => {
    const it = evaluation("multiclass");
    expect(it.classes.map((entry) => entry.label)).toEqual(["setosa", "versicolor", "virginica"]);
    expect(it.matrix?.counts[2]).toEqual([9, 70, 0]);
  });

  it("leaves out figures that are no numbers", () => {
    const it = readEvaluation(recorded("unknown"));
    expect(it?.metrics.map(([name]) => name)).toEqual(["silhouette", "inertia", "clusters"]);
  });

  it.each([null, 3, "x", [], {}, { kind: "binary" }, { metrics: {} }, { kind: 1, metrics: {} }])("refuses %j", (value) => {
    expect(readEvaluation(value)).toBeNull();
  });

  it("survives parts of the wrong shape", () => {
    const broken = { kind: "binary", metrics: { auc: "high" }, curves: { roc: { fpr: [0, null], tpr: 3 } }, thresholds: [1, { tp: 1 }], confusion_matrix: { labels: [1], counts: [[1, 2]] }, classes: [{}], findings: [{}, 1] };
    const it = readEvaluation(broken);
    expect(it).toMatchObject({ metrics: [], thresholds: [], matrix: null, classes: [], findings: [] });
    expect(it && curve(it, "roc", ["fpr", "tpr"])).toBeNull();
  });

  it("refuses curves of unequal columns", () => {
    const it = readEvaluation({ kind: "binary", metrics: {}, curves: { roc: { fpr: [0, 1], tpr: [0] } } });
    expect(it && curve(it, "roc", ["fpr", "tpr"])).toBeNull();
  });
});
