// Trials of a search as lines through parallel axes, one for each parameter and, last, the figure that judges them.
import type { Cell, Drawing, Look } from "../drawing";
import { base, colour, tooltip } from "./frame";

/** Values this many times apart are read on a logarithmic axis. */
const FAR_APART = 20;
const AXIS_WIDTH = 110;

/** `better`: which end of the last axis is; without it, all lines look alike. */
export function parallel(axes: string[], trials: Cell[][], better: "high" | "low" | null, look: Look): Drawing | null {
  if (axes.length === 0 || trials.length === 0) return null;
  const last = axes.length - 1;
  // The best is drawn last, over the others.
  const order = trials.map((_, at) => at).sort((one, two) => quality(trials[one], last, better) - quality(trials[two], last, better));
  return {
    option: {
      ...base(look),
      tooltip: tooltip(look, {
        formatter: (shown: { value: Cell[] }) =>
          axes.map((name, dim) => `${name}: ${said(shown.value[dim] ?? null, look)}`).join("\n"),
      }),
      parallel: { left: 56, right: 72, top: 44, bottom: 24, axisExpandable: false },
      parallelAxis: axes.map((name, dim) => ({
        dim,
        name,
        nameTextStyle: { color: dim === last && better !== null ? look.palette.text : look.palette.faint, fontSize: 11, width: AXIS_WIDTH, overflow: "truncate" as const },
        axisLabel: { color: look.palette.faint, fontSize: 11, width: AXIS_WIDTH, overflow: "truncate" as const },
        axisLine: { lineStyle: { color: look.palette.faint } },
        ...scaleOf(trials.map((trial) => trial[dim] ?? null), better === "low" && dim === last, look),
      })),
      series: [
        {
          type: "parallel",
          lineStyle: { color: colour(look, 0), width: 1.5 },
          emphasis: { lineStyle: { width: 3, opacity: 1 } },
          data: order.map((at, place) => ({
            value: (trials[at] ?? []).map((value) => value ?? ""),
            lineStyle: strokeOf(place, order.length, better !== null, look),
          })),
        },
      ],
    },
    table: { columns: axes, rows: trials },
  };
}

/** Higher where better. */
function quality(trial: Cell[] | undefined, last: number, better: "high" | "low" | null): number {
  const value = trial?.[last];
  if (better === null || typeof value !== "number") return 0;
  return better === "low" ? -value : value;
}

/** The better, the stronger; the best in a colour of its own. */
function strokeOf(place: number, count: number, judged: boolean, look: Look) {
  if (!judged) return { opacity: 0.5 };
  if (place === count - 1) return { color: colour(look, 1), width: 3, opacity: 1 };
  return { opacity: 0.2 + (0.5 * (place + 1)) / count };
}

function scaleOf(values: Cell[], inverse: boolean, look: Look) {
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length < values.filter((value) => value !== null).length || numbers.length === 0)
    return { type: "category" as const, data: [...new Set(values.map((value) => String(value ?? "")))] };
  const axisLabel = { color: look.palette.faint, fontSize: 11, formatter: (value: number) => look.number(value) };
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  if (least > 0 && most / least >= FAR_APART) return { type: "log" as const, axisLabel, inverse, min: least, max: most };
  return { type: "value" as const, scale: true, axisLabel, inverse };
}

function said(value: Cell, look: Look): string {
  return typeof value === "number" ? look.number(value) : (value ?? "");
}
