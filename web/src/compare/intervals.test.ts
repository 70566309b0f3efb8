// Intervals against published examples, and what has none.
import { describe, expect, it } from "vitest";
import { readEvaluation } from "@/charts/evaluation";
import { hanleyMcNeil, judged, newcombe, ofChange, wilson } from "./intervals";

function binary(tn: number, fp: number, fn: number, tp: number, auc: number) {
  const evaluation = readEvaluation({
    kind: "binary",
    metrics: { auc, gini: 2 * auc - 1, accuracy: (tn + tp) / (tn + fp + fn + tp), recall: tp / (tp + fn), precision: tp / (tp + fp), f1: 0.5, log_loss: 0.4 },
    confusion_matrix: { labels: [0, 1], tn, fp, fn, tp },
    curves: { roc: { fpr: [0, 1], tpr: [0, 1] } },
  });
  if (!evaluation) throw new Error("no evaluation");
  return evaluation;
}

describe("intervals", () => {
  it("of one share: Newcombe 1998, 81 of 263 and 0 of 20", () => {
    const { low, high } = wilson({ hits: 81, of: 263 });
    expect([low.toFixed(4), high.toFixed(4)]).toEqual(["0.2553", "0.3662"]);
    const none = wilson({ hits: 0, of: 20 });
    expect([none.low.toFixed(4), none.high.toFixed(4)]).toEqual(["0.0000", "0.1611"]);
  });

  it("of a difference: Newcombe 1998, 56/70 less 48/80", () => {
    const { low, high } = newcombe({ hits: 56, of: 70 }, { hits: 48, of: 80 });
    expect([low.toFixed(4), high.toFixed(4)]).toEqual(["0.0524", "0.3339"]);
  });

  it("of an AUC: by chance, the variance of the rank sum test; nothing where the ranking is perfect", () => {
    expect(hanleyMcNeil(0.5, 51, 58)).toBeCloseTo(Math.sqrt((51 + 58 + 1) / (12 * 51 * 58)), 12);
    expect(hanleyMcNeil(1, 51, 58)).toBe(0);
    expect(hanleyMcNeil(0.8, 0, 58)).toBeNull();
  });

  it("of changes stand around the change, and cross nothing when rows are many", () => {
    const before = binary(800, 100, 60, 40, 0.7);
    const after = binary(80_000, 10_000, 2_000, 8_000, 0.9);
    for (const metric of ["auc", "gini", "accuracy", "recall", "precision"]) {
      const found = ofChange(before, after, metric);
      const change = (after.metrics.find(([name]) => name === metric)?.[1] ?? 0) - (before.metrics.find(([name]) => name === metric)?.[1] ?? 0);
      expect([metric, (found?.low ?? 9) < change, (found?.high ?? -9) > change]).toEqual([metric, true, true]);
    }
    expect(ofChange(before, after, "gini")?.low).toBeCloseTo(2 * (ofChange(before, after, "auc")?.low ?? 0));
    expect(ofChange(before, after, "auc")?.low).toBeGreaterThan(0);
  });

  it("figures that aren't shares have none", () => {
    const one = binary(8, 1, 1, 4, 0.7);
    expect(ofChange(one, one, "f1")).toBeNull();
    expect(ofChange(one, one, "log_loss")).toBeNull();
    expect(ofChange(one, { ...one, matrix: null }, "accuracy")).toBeNull();
  });

  it("know which side is better", () => {
    expect([judged("auc", 0.1), judged("log_loss", 0.1), judged("brier", -0.1), judged("auc", 0), judged("ks_threshold", 1)]).toEqual([1, -1, 1, 0, 0]);
  });
});
