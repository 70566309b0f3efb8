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

it.each([null, [], { kind: "binary" }])("refuses %j", (value) => {
  expect(readReport(value)).toBeNull();
});
