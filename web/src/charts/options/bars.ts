// Bars and lines of columns and reports: importance, histograms, figures by class, lines by step.
import type { Cell, Drawing, Judged, Look } from "../drawing";
import type { ClassFigures } from "../evaluation";
import { base, categoryAxis, colour, distinct, grid, legend, tooltip, valueAxis } from "./frame";

/** Bars of at most this many names are drawn; the table has all. */
const MAX_BARS = 40;
const BAR_HEIGHT_PX = 22;

export interface NamedValues {
  name: string;
  labels: string[];
  values: number[];
}

/** Horizontal bars, greatest first as given; several models side by side, by the first one's order. */
export function importance(models: NamedValues[], look: Look, title: string): Drawing | null {
  const [first] = models;
  if (first === undefined || first.labels.length === 0) return null;
  const labels = [...new Set(models.flatMap((model) => model.labels))];
  const shown = labels.slice(0, MAX_BARS);
  const names = distinct(models.map((model) => model.name));
  const lookup = models.map((model) => new Map(model.labels.map((label, i) => [label, model.values[i] ?? 0])));
  return {
    option: {
      ...base(look),
      ...(models.length > 1 ? { legend: legend(look) } : {}),
      grid: grid({ left: 12, top: models.length > 1 ? 36 : 10, right: 56, containLabel: true }),
      tooltip: tooltip(look, {
        trigger: "axis",
        axisPointer: { type: "shadow" },
        valueFormatter: (value: unknown) => (typeof value === "number" ? look.number(value) : ""),
      }),
      xAxis: valueAxis(look, title),
      yAxis: categoryAxis(look, "", shown, { inverse: true }),
      series: models.map((_, at) => ({
        type: "bar" as const,
        name: names[at] ?? "",
        barMaxWidth: 18,
        data: shown.map((label) => lookup[at]?.get(label) ?? null),
        itemStyle: { color: colour(look, at) },
        emphasis: { disabled: true },
        label: {
          show: models.length === 1,
          position: "right" as const,
          color: look.palette.faint,
          fontSize: 11,
          formatter: (bar: { value: unknown }) => (typeof bar.value === "number" ? look.number(bar.value) : ""),
        },
      })),
    },
    table: {
      columns: ["name", ...names],
      rows: labels.map((label): Cell[] => [label, ...lookup.map((values) => values.get(label) ?? null)]),
    },
    minHeight: 80 + shown.length * BAR_HEIGHT_PX * Math.max(1, models.length * 0.7),
  };
}

/** Counts between edges; edges may be numbers or times already written. */
export function histogram(edges: (number | string)[], counts: number[], look: Look, name: string): Drawing | null {
  if (counts.length === 0 || edges.length !== counts.length + 1) return null;
  const said = (edge: number | string | undefined) => (typeof edge === "number" ? look.number(edge) : (edge ?? ""));
  const labels = counts.map((_, i) => said(edges[i]));
  return {
    option: {
      ...base(look),
      grid: grid({ top: 14, left: 64 }),
      tooltip: tooltip(look, {
        trigger: "axis",
        axisPointer: { type: "shadow" },
        formatter: (shown: unknown) => {
          const at = (Array.isArray(shown) ? (shown[0] as { dataIndex?: number }) : undefined)?.dataIndex ?? 0;
          const count = look.words("charts:rowsAre", { rows: look.number(counts[at] ?? 0) });
          return `${said(edges[at])} – ${said(edges[at + 1])}\n${count}`;
        },
      }),
      xAxis: categoryAxis(look, name, labels),
      yAxis: valueAxis(look, look.words("charts:rows"), { nameGap: 48 }),
      series: [
        {
          type: "bar",
          data: counts,
          barCategoryGap: "2%",
          itemStyle: { color: colour(look, 0) },
          emphasis: { disabled: true },
        },
      ],
    },
    table: {
      columns: ["from", "to", "rows"],
      rows: counts.map((count, i): Cell[] => [edges[i] ?? null, edges[i + 1] ?? null, count]),
    },
  };
}

/** Upright bars of few names, such as the most frequent values. */
export function columns(labels: string[], values: number[], look: Look, axis: string): Drawing | null {
  if (labels.length === 0) return null;
  return {
    option: {
      ...base(look),
      grid: grid({ top: 14, left: 64 }),
      tooltip: tooltip(look, { trigger: "axis", axisPointer: { type: "shadow" } }),
      xAxis: categoryAxis(look, "", labels),
      yAxis: valueAxis(look, axis, { nameGap: 48 }),
      series: [
        { type: "bar", data: values, barMaxWidth: 40, itemStyle: { color: colour(look, 0) }, emphasis: { disabled: true } },
      ],
    },
    table: { columns: ["name", "value"], rows: labels.map((label, i): Cell[] => [label, values[i] ?? null]) },
  };
}

/** Precision, recall and F1 of each class. */
export function classes(figures: ClassFigures[], look: Look): Drawing | null {
  if (figures.length === 0) return null;
  const names = ["precision", "recall", "f1"] as const;
  return {
    option: {
      ...base(look),
      legend: legend(look),
      grid: grid(),
      tooltip: tooltip(look, {
        trigger: "axis",
        axisPointer: { type: "shadow" },
        valueFormatter: (value: unknown) => (typeof value === "number" ? look.percent(value) : ""),
      }),
      xAxis: categoryAxis(
        look,
        look.words("charts:trueLabel"),
        figures.map((entry) => entry.label),
      ),
      yAxis: valueAxis(look, "", {
        min: 0,
        max: 1,
        axisLabel: { color: look.palette.faint, fontSize: 11, formatter: (value: number) => look.percent(value) },
      }),
      series: names.map((name, at) => ({
        type: "bar" as const,
        name: look.words(`charts:${name}`),
        barMaxWidth: 22,
        data: figures.map((entry) => entry[name]),
        itemStyle: { color: colour(look, at) },
        emphasis: { disabled: true },
      })),
    },
    table: {
      columns: ["label", ...names, "support"],
      rows: figures.map((entry): Cell[] => [entry.label, entry.precision, entry.recall, entry.f1, entry.support]),
    },
  };
}

/** Lines over named steps, such as figures by fold. */
export function lines(x: string[], series: NamedValues[], look: Look): Drawing | null {
  if (series.length === 0) return null;
  return {
    option: {
      ...base(look),
      legend: legend(look),
      grid: grid(),
      tooltip: tooltip(look, {
        trigger: "axis",
        valueFormatter: (value: unknown) => (typeof value === "number" ? look.number(value) : ""),
      }),
      xAxis: categoryAxis(look, "", x),
      yAxis: valueAxis(look, "", { scale: true }),
      series: series.map((line, at) => ({
        type: "line" as const,
        name: line.name,
        data: line.values,
        symbolSize: 6,
        itemStyle: { color: colour(look, at) },
        emphasis: { disabled: true },
      })),
    },
    table: {
      columns: ["x", ...series.map((line) => line.name)],
      rows: x.map((step, i): Cell[] => [step, ...series.map((line) => line.values[i] ?? null)]),
    },
  };
}

/** Residuals of a regression as counts, of the first model. */
export function residuals(runs: Judged[], look: Look): Drawing | null {
  const [first] = runs;
  const found = first?.evaluation.curves.residual_histogram;
  if (found?.edges === undefined || found.count === undefined) return null;
  return histogram(found.edges, found.count, look, look.words("charts:residual"));
}
