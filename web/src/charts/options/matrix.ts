// Matrices as coloured squares: confusion (rows are true labels), correlations and others with labelled sides.
import type { Cell, Drawing, Look } from "../drawing";
import type { Matrix } from "../evaluation";
import { base, categoryAxis, grid, tooltip } from "./frame";

/** More labels than this: numbers in the squares would overlap. */
const MAX_WRITTEN = 12;

/** Coloured by the share of each true label, so that a rare class is seen as well as a common one. */
export function confusion(matrix: Matrix, look: Look): Drawing {
  const totals = matrix.counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const written = matrix.labels.length <= MAX_WRITTEN;
  const data = matrix.counts.flatMap((row, y) =>
    row.map((count, x): number[] => [x, y, (totals[y] ?? 0) > 0 ? count / (totals[y] ?? 1) : 0, count]),
  );
  return {
    option: {
      ...base(look),
      grid: grid({ left: 24, top: 12, right: 24, bottom: 34, containLabel: true }),
      tooltip: tooltip(look, {
        formatter: (shown: { value: number[] }) => {
          const [x = 0, y = 0, share = 0, count = 0] = shown.value;
          return [
            `${look.words("charts:trueLabel")}: ${matrix.labels[y] ?? ""}`,
            `${look.words("charts:predictedLabel")}: ${matrix.labels[x] ?? ""}`,
            `${look.words("charts:rowsAre", { rows: look.number(count) })} · ${look.percent(share)}`,
          ].join("\n");
        },
      }),
      xAxis: categoryAxis(look, look.words("charts:predictedLabel"), matrix.labels),
      yAxis: categoryAxis(look, look.words("charts:trueLabel"), matrix.labels, { inverse: true, nameGap: 40 }),
      visualMap: { show: false, min: 0, max: 1, dimension: 2, inRange: { color: look.palette.scale } },
      series: [
        {
          type: "heatmap",
          data: data.map((value) => ({ value, label: { color: onScale(look, value[2] ?? 0) } })),
          itemStyle: { borderColor: look.palette.surface, borderWidth: 2 },
          label: {
            show: written,
            fontSize: 12,
            formatter: (shown) => {
              const value = shown.value as number[];
              return `${look.number(value[3] ?? 0)}\n${look.percent(value[2] ?? 0)}`;
            },
          },
          emphasis: { disabled: true },
        },
      ],
    },
    table: {
      columns: ["true", "predicted", "rows", "share_of_true"],
      rows: data.map((value): Cell[] => [
        matrix.labels[value[1] ?? 0] ?? null,
        matrix.labels[value[0] ?? 0] ?? null,
        value[3] ?? null,
        value[2] ?? null,
      ]),
    },
    minHeight: Math.min(720, 90 + matrix.labels.length * 44),
  };
}

/** Any matrix of a report: around zero where it has negative values, else from its least to its greatest. */
export function heatmap(rows: string[], columns: string[], values: (number | null)[][], look: Look): Drawing {
  const all = values.flat().filter((value) => value !== null);
  const [least, most] = [Math.min(...all, 0), Math.max(...all, 0)];
  const far = Math.max(Math.abs(least), Math.abs(most)) || 1;
  const written = rows.length <= MAX_WRITTEN && columns.length <= MAX_WRITTEN;
  const data = values.flatMap((row, y) => row.map((value, x): (number | string)[] => [x, y, value ?? "-"]));
  return {
    option: {
      ...base(look),
      grid: grid({ left: 16, top: 12, right: 24, bottom: 48, containLabel: true }),
      tooltip: tooltip(look, {
        formatter: (shown: { value: (number | string)[] }) => {
          const [x, y, value] = shown.value;
          const said = typeof value === "number" ? look.number(value) : "";
          return `${rows[Number(y)] ?? ""} × ${columns[Number(x)] ?? ""}   ${said}`;
        },
      }),
      xAxis: categoryAxis(look, "", columns, {
        axisLabel: { color: look.palette.faint, fontSize: 11, rotate: columns.length > 6 ? 40 : 0 },
      }),
      yAxis: categoryAxis(look, "", rows, { inverse: true }),
      visualMap: {
        orient: "horizontal",
        left: "center",
        bottom: 4,
        itemHeight: 120,
        itemWidth: 10,
        min: least < 0 ? -far : 0,
        max: far,
        precision: 2,
        dimension: 2,
        textStyle: { color: look.palette.faint, fontSize: 11 },
        inRange: { color: least < 0 ? look.palette.diverging : look.palette.scale },
      },
      series: [
        {
          type: "heatmap",
          data,
          itemStyle: { borderColor: look.palette.surface, borderWidth: 1 },
          label: {
            show: written,
            fontSize: 11,
            color: look.palette.text,
            formatter: (shown) => {
              const value = (shown.value as (number | string)[])[2];
              return typeof value === "number" ? look.number(value) : "";
            },
          },
          emphasis: { disabled: true },
        },
      ],
    },
    table: {
      columns: ["", ...columns],
      rows: values.map((row, i): Cell[] => [rows[i] ?? "", ...row]),
    },
    minHeight: Math.min(900, 120 + rows.length * 30),
  };
}

/** Text that is read on a square: dark on light, light on dark, in either theme. */
function onScale(look: Look, share: number): string {
  return share > 0.5 ? look.palette.surface : look.palette.text;
}
