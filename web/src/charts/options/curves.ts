// Curves of binary classifiers: ROC, precision-recall, KS, gain, lift, calibration; several models over each other.
import type { LineSeriesOption } from "echarts";

import type { Cell, Drawing, Judged, Look } from "../drawing";
import { curve, figure } from "../evaluation";
import { base, colour, distinct, grid, legend, placeOf, reference, shareAxis, stroke, tooltip, valueAxis } from "./frame";

/** One model's line: points with what the tooltip says besides. */
interface Line {
  run: Judged;
  at: number;
  name: string;
  points: [number, number][];
  thresholds: number[] | null;
}

export function roc(runs: Judged[], look: Look): Drawing | null {
  const lines = linesOf(runs, "roc", "fpr", "tpr", (run) => named(run, look, "auc", "AUC"));
  if (lines.length === 0) return null;
  return draw(look, lines, {
    x: shareAxis(look, look.words("charts:falsePositiveRate")),
    y: shareAxis(look, look.words("charts:truePositiveRate")),
    names: ["fpr", "tpr"],
    before: [
      reference(look, look.words("charts:chance"), [
        [0, 0],
        [1, 1],
      ]),
    ],
  });
}

export function pr(runs: Judged[], look: Look): Drawing | null {
  const lines = linesOf(runs, "pr", "recall", "precision", (run) => named(run, look, "average_precision", "AP"));
  if (lines.length === 0) return null;
  const share = positiveShare(runs);
  return draw(look, lines, {
    x: shareAxis(look, look.words("charts:recall")),
    y: shareAxis(look, look.words("charts:precision")),
    names: ["recall", "precision"],
    before:
      share === null
        ? []
        : [
            reference(look, look.words("charts:chance"), [
              [0, share],
              [1, share],
            ]),
          ],
  });
}

export function gain(runs: Judged[], look: Look): Drawing | null {
  const lines = linesOf(runs, "gain", "share", "gain", (run) => run.name);
  if (lines.length === 0) return null;
  return draw(look, lines, {
    x: shareAxis(look, look.words("charts:shareOfRows")),
    y: shareAxis(look, look.words("charts:shareOfPositives")),
    names: ["share", "gain"],
    before: [
      reference(look, look.words("charts:chance"), [
        [0, 0],
        [1, 1],
      ]),
    ],
  });
}

export function lift(runs: Judged[], look: Look): Drawing | null {
  const lines = linesOf(runs, "lift", "share", "lift", (run) => run.name);
  if (lines.length === 0) return null;
  return draw(look, lines, {
    x: shareAxis(look, look.words("charts:shareOfRows")),
    y: valueAxis(look, look.words("charts:lift"), { min: 0 }),
    names: ["share", "lift"],
    before: [
      reference(look, look.words("charts:chance"), [
        [0, 1],
        [1, 1],
      ]),
    ],
    plainY: true,
  });
}

export function calibration(runs: Judged[], look: Look): Drawing | null {
  const lines = linesOf(runs, "calibration", "predicted", "observed", (run) => named(run, look, "brier", "Brier"));
  if (lines.length === 0) return null;
  return draw(look, lines, {
    x: shareAxis(look, look.words("charts:meanScore")),
    y: shareAxis(look, look.words("charts:observedShare")),
    names: ["predicted", "observed"],
    before: [
      reference(look, look.words("charts:perfect"), [
        [0, 0],
        [1, 1],
      ]),
    ],
    symbols: true,
  });
}

/** Both distributions over the share of rows taken from the highest score, and where they are furthest apart. */
export function ks(runs: Judged[], look: Look): Drawing | null {
  const series: LineSeriesOption[] = [];
  const rows: Cell[][] = [];
  const names = distinct(runs.map((run) => named(run, look, "ks", "KS")));
  runs.forEach((run, at) => {
    const found = curve(run.evaluation, "ks", ["share", "tpr", "fpr", "threshold"]);
    const name = names[at];
    if (found === null || name === undefined) return;
    const style = stroke(look, run, placeOf(runs, at));
    const furthest = widest(found.tpr, found.fpr);
    const top = [found.share[furthest] ?? 0, found.tpr[furthest] ?? 0];
    const bottom = [found.share[furthest] ?? 0, found.fpr[furthest] ?? 0];
    series.push({
      ...style,
      name,
      data: found.share.map((x, i) => [x, found.tpr[i] ?? 0, found.threshold[i] ?? 0]),
      markLine: {
        silent: true,
        symbol: ["circle", "circle"],
        symbolSize: 5,
        label: { show: false },
        lineStyle: { color: colour(look, placeOf(runs, at)), type: "dotted", width: 1.5, opacity: run.older ? 0.5 : 1 },
        data: [[{ coord: top }, { coord: bottom }]],
      },
    });
    series.push({
      ...style,
      name: look.words("charts:negativesOf", { name }),
      lineStyle: { ...style.lineStyle, width: 1.2, opacity: 0.6 },
      data: found.share.map((x, i) => [x, found.fpr[i] ?? 0, found.threshold[i] ?? 0]),
    });
    found.share.forEach((x, i) =>
      rows.push([name, x, found.tpr[i] ?? null, found.fpr[i] ?? null, found.threshold[i] ?? null]),
    );
  });
  if (series.length === 0) return null;
  return {
    option: {
      ...base(look),
      legend: legend(look),
      grid: grid(),
      tooltip: tooltip(look, { trigger: "axis", formatter: pointsFormatter(look, false) }),
      xAxis: shareAxis(look, look.words("charts:shareOfRows")),
      yAxis: shareAxis(look, look.words("charts:shareOfClass")),
      series,
    },
    table: { columns: ["model", "share", "tpr", "fpr", "threshold"], rows },
  };
}

interface Axes {
  x: Record<string, unknown>;
  y: Record<string, unknown>;
  names: [string, string];
  before: LineSeriesOption[];
  symbols?: boolean;
  /** The y values are no shares. */
  plainY?: boolean;
}

function draw(look: Look, lines: Line[], axes: Axes): Drawing {
  const drawn = lines.map(
    (line): LineSeriesOption => ({
      ...stroke(look, line.run, line.at),
      name: line.name,
      showSymbol: axes.symbols ?? false,
      data: line.points.map(([x, y], i) => (line.thresholds === null ? [x, y] : [x, y, line.thresholds[i] ?? 0])),
    }),
  );
  return {
    option: {
      ...base(look),
      legend: legend(look),
      grid: grid(),
      tooltip: tooltip(look, { trigger: "axis", formatter: pointsFormatter(look, axes.plainY ?? false) }),
      xAxis: axes.x,
      yAxis: axes.y,
      series: [...axes.before, ...drawn],
    },
    table: {
      columns: ["model", ...axes.names, "threshold"],
      rows: lines.flatMap((line) =>
        line.points.map(([x, y], i): Cell[] => [line.name, x, y, line.thresholds?.[i] ?? null]),
      ),
    },
  };
}

/** Says for each model the nearest point: x, y, and the threshold it belongs to. */
function pointsFormatter(look: Look, plainY: boolean) {
  return (shown: unknown): string => {
    const lines = (Array.isArray(shown) ? shown : [shown]).flatMap((entry: unknown) => {
      const { seriesName, value } = entry as { seriesName?: string; value?: unknown };
      if (!Array.isArray(value) || value.length < 2) return [];
      const [x, y, threshold] = value as number[];
      const at = threshold === undefined ? "" : `   ${look.words("charts:thresholdIs", { value: look.number(threshold) })}`;
      const height = plainY ? look.number(y ?? 0) : look.percent(y ?? 0);
      return [`${seriesName ?? ""}   ${look.percent(x ?? 0)} → ${height}${at}`];
    });
    return lines.join("\n");
  };
}

function linesOf(runs: Judged[], name: string, x: string, y: string, title: (run: Judged) => string): Line[] {
  const titles = distinct(runs.map(title));
  return runs.flatMap((run, at) => {
    const found = curve(run.evaluation, name, [x, y]);
    if (found === null) return [];
    const points = (found[x] ?? []).map((value, i): [number, number] => [value, found[y]?.[i] ?? 0]);
    const thresholds = curve(run.evaluation, name, [x, "threshold"])?.threshold ?? null;
    return [{ run, at: placeOf(runs, at), name: titles[at] ?? run.name, points, thresholds }];
  });
}

function named(run: Judged, look: Look, metric: string, short: string): string {
  const value = figure(run.evaluation, metric);
  return value === null ? run.name : `${run.name} · ${short} ${look.number(value)}`;
}

/** Precision of a guess by chance: only where all models were judged on the same share. */
function positiveShare(runs: Judged[]): number | null {
  const shares = runs.flatMap(({ evaluation }) => {
    const first = evaluation.thresholds[0];
    if (first === undefined) return [];
    const all = first.tp + first.fp + first.tn + first.fn;
    return all > 0 ? [(first.tp + first.fn) / all] : [];
  });
  const [share] = shares;
  return share !== undefined && shares.every((other) => Math.abs(other - share) < 1e-9) ? share : null;
}

function widest(a: number[], b: number[]): number {
  let best = 0;
  a.forEach((value, i) => {
    if (Math.abs(value - (b[i] ?? 0)) > Math.abs((a[best] ?? 0) - (b[best] ?? 0))) best = i;
  });
  return best;
}
