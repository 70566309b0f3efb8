// Trials of a search as lines through parallel axes, one for each parameter and figure.
import type { Cell, Drawing, Look } from "../drawing";
import { base, colour, tooltip } from "./frame";

export function parallel(axes: string[], trials: Cell[][], look: Look): Drawing | null {
  if (axes.length === 0 || trials.length === 0) return null;
  return {
    option: {
      ...base(look),
      tooltip: tooltip(look),
      parallel: { left: 48, right: 64, top: 44, bottom: 24 },
      parallelAxis: axes.map((name, dim) => {
        const values = trials.map((trial) => trial[dim] ?? null);
        const numeric = values.every((value) => value === null || typeof value === "number");
        return {
          dim,
          name,
          nameTextStyle: { color: look.palette.text, fontSize: 11 },
          axisLabel: { color: look.palette.faint, fontSize: 11 },
          axisLine: { lineStyle: { color: look.palette.faint } },
          ...(numeric
            ? { type: "value" as const, scale: true }
            : { type: "category" as const, data: [...new Set(values.map((value) => String(value ?? "")))] }),
        };
      }),
      series: [
        {
          type: "parallel",
          data: trials.map((trial) => trial.map((value) => value ?? "")),
          lineStyle: { color: colour(look, 0), width: 1.5, opacity: 0.5 },
        },
      ],
    },
    table: { columns: axes, rows: trials },
  };
}
