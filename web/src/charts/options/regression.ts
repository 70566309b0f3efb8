// Charts of regressions: predicted against actual values, several models over each other.
import type { LineSeriesOption, ScatterSeriesOption } from "echarts";

import type { Cell, Drawing, Judged, Look } from "../drawing";
import { curve, figure } from "../evaluation";
import { base, colour, distinct, grid, legend, placeOf, reference, tooltip, valueAxis } from "./frame";

export function predictedActual(runs: Judged[], look: Look): Drawing | null {
  const names = distinct(
    runs.map((run) => {
      const r2 = figure(run.evaluation, "r2");
      return r2 === null ? run.name : `${run.name} · R² ${look.number(r2)}`;
    }),
  );
  const series: ScatterSeriesOption[] = [];
  const rows: Cell[][] = [];
  let [least, most] = [Infinity, -Infinity];
  runs.forEach((run, at) => {
    const found = curve(run.evaluation, "predicted_actual", ["predicted", "actual"]);
    const name = names[at];
    if (found === null || name === undefined) return;
    const points = found.predicted.map((predicted, i): [number, number] => [predicted, found.actual[i] ?? 0]);
    for (const [x, y] of points) {
      least = Math.min(least, x, y);
      most = Math.max(most, x, y);
      rows.push([name, x, y]);
    }
    series.push({
      type: "scatter",
      name,
      data: points,
      symbolSize: run.older ? 5 : 6,
      itemStyle: run.older
        ? { color: "transparent", borderColor: colour(look, placeOf(runs, at)), borderWidth: 1 }
        : { color: colour(look, placeOf(runs, at)), opacity: 0.65 },
      emphasis: { disabled: true },
    });
  });
  if (series.length === 0) return null;
  const ideal: LineSeriesOption = reference(look, look.words("charts:perfect"), [
    [least, least],
    [most, most],
  ]);
  return {
    option: {
      ...base(look),
      legend: legend(look),
      grid: grid({ left: 68 }),
      tooltip: tooltip(look, {
        formatter: (shown: { seriesName: string; value: number[] }) => {
          const [x = 0, y = 0] = shown.value;
          return [
            shown.seriesName,
            `${look.words("charts:predicted")}: ${look.number(x)}`,
            `${look.words("charts:actual")}: ${look.number(y)}`,
          ].join("\n");
        },
      }),
      xAxis: valueAxis(look, look.words("charts:predicted"), { scale: true }),
      yAxis: valueAxis(look, look.words("charts:actual"), { scale: true, nameGap: 50 }),
      series: [ideal, ...series],
    },
    table: { columns: ["model", "predicted", "actual"], rows },
  };
}
