// How the scores of each class are spread: counts between thresholds, from the table of thresholds.
import type { BarSeriesOption, LineSeriesOption } from "echarts";

import type { Cell, Drawing, Judged, Look } from "../drawing";
import type { Evaluation } from "../evaluation";
import { base, categoryAxis, colour, distinct, grid, legend, placeOf, stroke, tooltip, valueAxis } from "./frame";

const BARS = 25;

interface Bins {
  edges: number[];
  positives: number[];
  negatives: number[];
}

/** Counts of both classes between every few thresholds; null without a table of thresholds. */
export function scoreBins(evaluation: Evaluation, bars = BARS): Bins | null {
  const rows = [...evaluation.thresholds].sort((a, b) => a.threshold - b.threshold);
  const last = rows.length - 1;
  if (last < 1) return null;
  const count = Math.min(bars, last);
  const at = Array.from({ length: count + 1 }, (_, i) => Math.round((i * last) / count));
  const picked = at.flatMap((i) => rows[i] ?? []);
  const positives: number[] = [];
  const negatives: number[] = [];
  for (let i = 0; i + 1 < picked.length; i++) {
    const [low, high] = [picked[i], picked[i + 1]];
    if (low === undefined || high === undefined) continue;
    // Rows at the very top of the range are at or above every threshold: they belong to the last bar.
    const top = i + 2 === picked.length;
    positives.push(low.tp - (top ? 0 : high.tp));
    negatives.push(low.fp - (top ? 0 : high.fp));
  }
  return { edges: picked.map((row) => row.threshold), positives, negatives };
}

export function scores(runs: Judged[], look: Look): Drawing | null {
  const [first] = runs;
  if (first === undefined) return null;
  return runs.length === 1 ? single(first, look) : several(runs, look);
}

/** One model: bars of both classes. */
function single(run: Judged, look: Look): Drawing | null {
  const bins = scoreBins(run.evaluation);
  if (bins === null) return null;
  const names = classNames(run.evaluation, look);
  const labels = bins.positives.map((_, i) => look.number(bins.edges[i] ?? 0));
  const bars = (name: string, counts: number[], tone: number): BarSeriesOption => ({
    type: "bar",
    name,
    data: counts,
    barGap: "-100%",
    barCategoryGap: "4%",
    itemStyle: { color: colour(look, tone), opacity: 0.6 },
    emphasis: { disabled: true },
  });
  return {
    option: {
      ...base(look),
      legend: legend(look),
      grid: grid(),
      tooltip: tooltip(look, { trigger: "axis", axisPointer: { type: "shadow" } }),
      xAxis: categoryAxis(look, look.words("charts:score"), labels),
      yAxis: valueAxis(look, look.words("charts:rows"), { nameGap: 42 }),
      series: [bars(names.negative, bins.negatives, 0), bars(names.positive, bins.positives, 1)],
    },
    table: {
      columns: ["score_from", "score_to", "negatives", "positives"],
      rows: bins.positives.map((count, i): Cell[] => [
        bins.edges[i] ?? null,
        bins.edges[i + 1] ?? null,
        bins.negatives[i] ?? 0,
        count,
      ]),
    },
  };
}

/** Several models: outlines, as shares of each class. */
function several(runs: Judged[], look: Look): Drawing | null {
  const titles = distinct(runs.map((run) => run.name));
  const series: LineSeriesOption[] = [];
  const rows: Cell[][] = [];
  runs.forEach((run, at) => {
    const bins = scoreBins(run.evaluation);
    const title = titles[at] ?? run.name;
    if (bins === null) return;
    const names = classNames(run.evaluation, look);
    const style = stroke(look, run, placeOf(runs, at));
    for (const [name, counts, faint] of [
      [names.positive, bins.positives, false],
      [names.negative, bins.negatives, true],
    ] as const) {
      const all = counts.reduce((sum, count) => sum + count, 0) || 1;
      series.push({
        ...style,
        name: `${title} · ${name}`,
        step: "end",
        lineStyle: faint ? { ...style.lineStyle, width: 1.2, opacity: 0.6 } : (style.lineStyle ?? {}),
        data: counts.map((count, i) => [bins.edges[i] ?? 0, count / all]),
      });
      counts.forEach((count, i) => rows.push([title, name, bins.edges[i] ?? null, bins.edges[i + 1] ?? null, count]));
    }
  });
  if (series.length === 0) return null;
  return {
    option: {
      ...base(look),
      legend: legend(look),
      grid: grid(),
      tooltip: tooltip(look, {
        trigger: "axis",
        valueFormatter: (value: unknown) => (typeof value === "number" ? look.percent(value) : ""),
      }),
      xAxis: valueAxis(look, look.words("charts:score")),
      yAxis: valueAxis(look, look.words("charts:shareOfClass"), {
        axisLabel: { color: look.palette.faint, fontSize: 11, formatter: (value: number) => look.percent(value) },
      }),
      series,
    },
    table: { columns: ["model", "class", "score_from", "score_to", "rows"], rows },
  };
}

function classNames(evaluation: Evaluation, look: Look): { positive: string; negative: string } {
  return {
    positive: look.words("charts:classIs", { label: evaluation.positive ?? "1" }),
    negative: look.words("charts:classIs", { label: evaluation.negative ?? "0" }),
  };
}
