// Figures at a threshold agree with the evaluation's own table, which was computed apart.
import { expect, it } from "vitest";

import { evaluation, recorded } from "./testing";
import { bestThreshold, figuresAt } from "./threshold";

const binary = evaluation("binary");
const table = (recorded("binary") as { thresholds: Record<string, number>[] }).thresholds;

it("agrees with the evaluation at each of its thresholds", () => {
  for (const row of table) {
    const at = figuresAt(binary, row.threshold ?? 0);
    expect(at?.matrix.counts).toEqual([[row.tn, row.fp], [row.fn, row.tp]]);
    expect(at?.recall ?? 0).toBeCloseTo(row.recall ?? 0, 5);
    expect(at?.precision ?? 0).toBeCloseTo(row.precision ?? 0, 5);
    expect(at?.f1 ?? 0).toBeCloseTo(row.f1 ?? 0, 5);
    expect(at?.accuracy ?? 0).toBeCloseTo(row.accuracy ?? 0, 5);
  }
});

it("takes the nearest threshold", () => {
  expect(figuresAt(binary, 0.449)?.threshold).toBe(0.4);
});

it("says nothing where nothing is divided", () => {
  const none = figuresAt({ ...binary, thresholds: [{ threshold: 1, tp: 0, fp: 0, tn: 5, fn: 2 }] }, 1);
  expect([none?.precision, none?.recall, none?.specificity]).toEqual([null, 0, 1]);
  expect(figuresAt({ ...binary, thresholds: [] }, 0.5)).toBeNull();
});

it("finds the threshold with the highest F1", () => {
  const best = table.reduce((a, b) => ((b.f1 ?? 0) > (a.f1 ?? 0) ? b : a));
  expect(bestThreshold(binary)).toBe(best.threshold);
});
