// Each chart's option and table, from evaluations of real runs.
import type { SeriesOption } from "echarts";
import { describe, expect, it } from "vitest";

import { available, draw } from "../available";
import type { Drawing, Judged } from "../drawing";
import { evaluation, look } from "../testing";
import { histogram, importance } from "./bars";
import { gantt } from "./gantt";
import { confusion, heatmap } from "./matrix";
import { scoreBins } from "./scores";

const now: Judged = { name: "new", evaluation: evaluation("binary") };
const before: Judged = { name: "old", evaluation: evaluation("binary"), older: true };

function series(drawing: Drawing | null): SeriesOption[] {
  const found = drawing?.option.series;
  return Array.isArray(found) ? found : found ? [found] : [];
}

describe("charts of an evaluation", () => {
  it("offers what can be drawn", () => {
    expect(available([now], look)).toEqual(["roc", "pr", "ks", "gain", "lift", "calibration", "scores"]);
    expect(available([{ name: "m", evaluation: evaluation("multiclass") }], look)).toEqual(["classes"]);
    expect(available([{ name: "r", evaluation: evaluation("regression") }], look)).toEqual([
      "predictedActual",
      "residuals",
    ]);
    expect(available([before], look)).toEqual([]);
  });

  it("draws ROC of two runs, the older dashed, faint and beneath, in the colour of its model", () => {
    const drawn = draw("roc", [now, before], look);
    const [chance, fresh, old] = series(drawn) as { name: string; lineStyle: { type: string; color: string; opacity: number }; z: number; data: number[][] }[];
    expect(old?.lineStyle.color).toBe(fresh?.lineStyle.color);
    expect(old?.lineStyle.opacity).toBeLessThan(fresh?.lineStyle.opacity ?? 0);
    const other = series(draw("roc", [now, before, { ...now, name: "other" }], look)).at(-1) as { lineStyle: { color: string } } | undefined;
    expect(other?.lineStyle.color).not.toBe(fresh?.lineStyle.color);
    expect(chance?.name).toBe("charts:chance");
    expect(fresh?.name).toBe("new · AUC 0.7355");
    expect([fresh?.lineStyle.type, old?.lineStyle.type]).toEqual(["solid", "dashed"]);
    expect((fresh?.z ?? 0) > (old?.z ?? 0)).toBe(true);
    expect(fresh?.data[0]).toEqual([0, 0, 0.9891]);
    expect(fresh?.data.at(-1)?.slice(0, 2)).toEqual([1, 1]);
    expect(drawn?.table.columns).toEqual(["model", "fpr", "tpr", "threshold"]);
    expect(drawn?.table.rows).toHaveLength(24);
  });

  it("tells two models of one name apart", () => {
    const drawn = draw("gain", [now, { ...now }], look);
    expect(series(drawn).map((one) => one.name)).toEqual(["charts:chance", "new", "new (2)"]);
  });

  it("says point and threshold on hover, as text rather than HTML", () => {
    const tooltip = draw("roc", [now], look)?.option.tooltip as { renderMode: string; formatter: (shown: unknown) => string };
    expect(tooltip.renderMode).toBe("richText");
    expect(tooltip.formatter([{ seriesName: "new", value: [0.1, 0.45, 0.5] }])).toBe(
      'new   10% → 45%   charts:thresholdIs {"value":"0.5"}',
    );
  });

  it("marks where KS is greatest", () => {
    const [tpr] = series(draw("ks", [now], look)) as { markLine: { data: { coord: number[] }[][] } }[];
    const [top, bottom] = tpr?.markLine.data[0] ?? [];
    const gap = (top?.coord[1] ?? 0) - (bottom?.coord[1] ?? 0);
    const { tpr: a = [], fpr: b = [] } = now.evaluation.curves.ks ?? {};
    expect(gap).toBeCloseTo(Math.max(...a.map((value, i) => value - (b[i] ?? 0))), 9);
  });

  it("draws chance in precision-recall at the share of positives", () => {
    const [chance] = series(draw("pr", [now], look)) as { data: number[][] }[];
    expect(chance?.data[0]?.[1]).toBeCloseTo(1274 / 6000, 9);
  });

  it("counts every row once in the score distribution", () => {
    const bins = scoreBins(now.evaluation);
    const sum = (counts: number[] = []) => counts.reduce((all, count) => all + count, 0);
    expect([sum(bins?.positives), sum(bins?.negatives)]).toEqual([1274, 4726]);
    expect([...(bins?.positives ?? []), ...(bins?.negatives ?? [])].every((count) => count >= 0)).toBe(true);
  });

  it("draws scores of two models as shares", () => {
    const drawn = draw("scores", [now, before], look);
    expect(series(drawn)).toHaveLength(4);
  });

  it("draws nothing without the curve", () => {
    const bare: Judged = { name: "bare", evaluation: { ...now.evaluation, curves: {}, thresholds: [] } };
    for (const id of ["roc", "pr", "ks", "gain", "lift", "calibration", "scores"] as const) {
      expect(draw(id, [bare], look)).toBeNull();
    }
  });
});

describe("matrices", () => {
  it("colours by the share of the true label", () => {
    const drawn = confusion({ labels: ["a", "b"], counts: [[3, 1], [0, 0]] }, look);
    expect(drawn.table.rows).toEqual([
      ["a", "a", 3, 0.75],
      ["a", "b", 1, 0.25],
      ["b", "a", 0, 0],
      ["b", "b", 0, 0],
    ]);
  });

  it("lies around zero where there are negative values", () => {
    const drawn = heatmap(["a"], ["b", "c"], [[-0.5, null]], look);
    expect(drawn.option.visualMap).toMatchObject({ min: -0.5, max: 0.5 });
    expect(heatmap(["a"], ["b"], [[2]], look).option.visualMap).toMatchObject({ min: 0, max: 2 });
  });
});

describe("bars", () => {
  it("puts models side by side by name", () => {
    const drawn = importance(
      [
        { name: "a", labels: ["x", "y"], values: [2, 1] },
        { name: "b", labels: ["y", "z"], values: [3, 4] },
      ],
      look,
      "",
    );
    expect(drawn?.table).toEqual({
      columns: ["name", "a", "b"],
      rows: [["x", 2, null], ["y", 1, 3], ["z", null, 4]],
    });
    expect(importance([], look, "")).toBeNull();
  });

  it("refuses a histogram whose edges don't fit", () => {
    expect(histogram([0, 1], [1, 2], look, "x")).toBeNull();
    expect(histogram([0, 1, 2], [1, 2], look, "x")?.table.rows).toEqual([[0, 1, 1], [1, 2, 2]]);
  });
});

describe("gantt", () => {
  const duration = (ms: number) => `${ms} ms`;
  it("begins at the first bar and ends running ones now", () => {
    const spans = [
      { operator: "b", name: "B", status: "running", from_ms: 1500, to_ms: null },
      { operator: "a", name: "A", status: "success", from_ms: 1000, to_ms: 1400 },
    ];
    const drawn = gantt(spans, 2000, look, duration);
    const [bars] = series(drawn) as { data: { value: number[] }[] }[];
    expect(bars?.data.map((one) => one.value)).toEqual([[0, 0, 400], [1, 500, 1000]]);
    expect((drawn?.option.yAxis as { data: string[] }).data).toEqual(["A", "B"]);
    expect(gantt([], 0, look, duration)).toBeNull();
  });

  it("puts attempts of one operator into one row", () => {
    const spans = [
      { operator: "a", name: "A", status: "failed", from_ms: 0, to_ms: 10 },
      { operator: "a", name: "A", status: "success", from_ms: 20, to_ms: 30 },
    ];
    const [bars] = series(gantt(spans, 40, look, duration)) as { data: { value: number[] }[] }[];
    expect(bars?.data.map((one) => one.value[0])).toEqual([0, 0]);
  });
});
