// Reports are read as `suanzi.operators.reporting` writes them.
import { expect, it } from "vitest";

import { readReport } from "./report";
import { look } from "./testing";

const report = {
  kind: "report",
  title_en: "Trials",
  title_zh: "尝试",
  sections: [{ title_en: "S", title_zh: "段", columns: ["a", "b"], rows: [["x", 1], [null, true]] }],
  charts: [
    { kind: "bar", title_en: "Bars", title_zh: "条", labels: ["a"], values: [1] },
    { kind: "histogram", title_en: "H", title_zh: "H", edges: [0, 1], counts: [3] },
    { kind: "line", title_en: "L", title_zh: "L", x: [1, 2], series: { auc: [0.5, 0.6] } },
    { kind: "heatmap", title_en: "M", title_zh: "M", rows: ["a"], columns: ["a"], values: [[1]] },
    { kind: "parallel", title_en: "P", title_zh: "P", axes: ["C", "solver"], lines: [[1, "lbfgs"], [10, "saga"]] },
    { kind: "something new", title_en: "N" },
  ],
  findings: [],
};

it("draws each kind of chart and leaves out unknown ones", () => {
  const read = readReport(report);
  expect(read?.title).toEqual({ en: "Trials", zh: "尝试" });
  expect(read?.sections[0]?.rows).toEqual([["x", 1], [null, "true"]]);
  expect(read?.charts.map((chart) => chart.title.en)).toEqual(["Bars", "H", "L", "M", "P"]);
  for (const chart of read?.charts ?? []) expect(chart.draw(look)?.table.rows.length).toBeGreaterThan(0);
});

it("gives words an axis of categories and numbers one of values", () => {
  const axes = readReport(report)?.charts.at(-1)?.draw(look)?.option.parallelAxis as { type: string; data?: string[] }[];
  expect(axes.map((axis) => axis.type)).toEqual(["value", "category"]);
  expect(axes[1]?.data).toEqual(["lbfgs", "saga"]);
});

/** Trials through three axes: learning rates far apart, a mixed parameter, and a figure. */
function trials(better: string | undefined) {
  const lines = [[0.01, "5", 0.7], [1, "None", 0.9], [0.1, "5", 0.8]];
  const drawn = { kind: "parallel", title_en: "P", title_zh: "P", axes: ["rate", "depth", "auc"], lines, better };
  const option = readReport({ ...report, charts: [drawn] })?.charts[0]?.draw(look)?.option;
  const series = option?.series as { data: { value: unknown[]; lineStyle: { width?: number; opacity: number } }[] }[];
  return { lines: series[0]?.data ?? [], axes: option?.parallelAxis as { type: string; inverse?: boolean }[] };
}

it.each([["high", 0.9, false], ["low", 0.7, true]])("draws the best trial over the others: %s", (better, figure, inverse) => {
  const { lines, axes } = trials(better);
  expect(axes.map((axis) => axis.type)).toEqual(["log", "category", "value"]);
  expect(axes.map((axis) => axis.inverse ?? false)).toEqual([false, false, inverse]);
  const best = lines.at(-1);
  expect(best?.value[2]).toBe(figure);
  expect(best?.lineStyle).toMatchObject({ width: 3, opacity: 1 });
  const others = lines.slice(0, -1).map((line) => line.lineStyle.opacity);
  expect(others).toEqual([...others].sort());
  expect(Math.max(...others)).toBeLessThan(1);
});

it("draws trials alike where nothing says which end is better", () => {
  expect(trials(undefined).lines.map((line) => line.lineStyle)).toEqual(Array(3).fill({ opacity: 0.5 }));
});

it.each([null, [], { kind: "binary" }])("refuses %j", (value) => {
  expect(readReport(value)).toBeNull();
});
