// The parts all charts share: axes, grid, legend and tooltip in the colours of the theme.
import type { EChartsOption, LineSeriesOption } from "echarts";

import type { Judged, Look } from "../drawing";

type Axis = Record<string, unknown>;

/** Text on the canvas: the page's security policy allows no inline styles, which HTML tooltips would need. */
export function tooltip(look: Look, more: Record<string, unknown> = {}): EChartsOption["tooltip"] {
  return {
    renderMode: "richText",
    confine: true,
    backgroundColor: look.palette.surface,
    borderColor: look.palette.line,
    borderWidth: 1,
    textStyle: { color: look.palette.text, fontSize: 12 },
    axisPointer: { lineStyle: { color: look.palette.faint }, crossStyle: { color: look.palette.faint } },
    ...more,
  };
}

export function valueAxis(look: Look, name: string, more: Axis = {}): Axis {
  return {
    type: "value",
    name,
    nameLocation: "middle",
    nameGap: 30,
    nameTextStyle: { color: look.palette.faint, fontSize: 12 },
    axisLabel: { color: look.palette.faint, fontSize: 11, formatter: (value: number) => look.number(value) },
    axisLine: { show: true, lineStyle: { color: look.palette.line } },
    splitLine: { lineStyle: { color: look.palette.line } },
    ...more,
  };
}

/** From 0 to 1, as percent. */
export function shareAxis(look: Look, name: string, more: Axis = {}): Axis {
  return valueAxis(look, name, {
    min: 0,
    max: 1,
    interval: 0.2,
    axisLabel: { color: look.palette.faint, fontSize: 11, formatter: (value: number) => look.percent(value) },
    ...more,
  });
}

export function categoryAxis(look: Look, name: string, data: string[], more: Axis = {}): Axis {
  return {
    type: "category",
    name,
    nameLocation: "middle",
    nameGap: 30,
    data,
    nameTextStyle: { color: look.palette.faint, fontSize: 12 },
    axisLabel: { color: look.palette.faint, fontSize: 11, hideOverlap: true, width: 140, overflow: "truncate" },
    axisLine: { lineStyle: { color: look.palette.line } },
    axisTick: { show: false },
    ...more,
  };
}

export function legend(look: Look, names?: string[]): EChartsOption["legend"] {
  return {
    type: "scroll",
    top: 0,
    left: 8,
    icon: "roundRect",
    itemWidth: 18,
    itemHeight: 4,
    textStyle: { color: look.palette.text, fontSize: 12 },
    pageTextStyle: { color: look.palette.faint },
    pageIconColor: look.palette.faint,
    pageIconInactiveColor: look.palette.line,
    ...(names === undefined ? {} : { data: names }),
  };
}

export function grid(more: Record<string, unknown> = {}): EChartsOption["grid"] {
  return { left: 56, right: 20, top: 36, bottom: 46, ...more };
}

/** Options every chart begins with. No animation: an answer is there at once. */
export function base(look: Look): EChartsOption {
  return {
    animation: false,
    backgroundColor: "transparent",
    textStyle: { fontFamily: '"Inter", system-ui, "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", sans-serif' },
    color: look.palette.series,
  };
}

/** Which model of the present this is: an older run follows its present one, and has its colour. */
export function placeOf(runs: Judged[], at: number): number {
  const present = runs.slice(0, at + 1).filter((run) => !run.older).length;
  return Math.max(present - 1, 0);
}

/** The colour of a model, by its place. */
export function colour(look: Look, at: number): string {
  return look.palette.series[at % look.palette.series.length] ?? look.palette.text;
}

/** How a model's line is drawn: an older run dashed, faint and beneath. */
export function stroke(look: Look, run: Judged, at: number): LineSeriesOption {
  return {
    type: "line",
    showSymbol: false,
    symbolSize: 6,
    z: run.older ? 2 : 3,
    itemStyle: { color: colour(look, at), opacity: run.older ? 0.5 : 1 },
    lineStyle: {
      color: colour(look, at),
      width: run.older ? 1.5 : 2,
      type: run.older ? "dashed" : "solid",
      opacity: run.older ? 0.5 : 1,
    },
    emphasis: { disabled: true },
  };
}

/** A thin line for comparison, such as a guess by chance. */
export function reference(look: Look, name: string, points: [number, number][]): LineSeriesOption {
  return {
    name,
    type: "line",
    showSymbol: false,
    silent: true,
    data: points,
    z: 1,
    tooltip: { show: false },
    itemStyle: { color: look.palette.faint },
    lineStyle: { color: look.palette.faint, width: 1, type: "dotted" },
    emphasis: { disabled: true },
  };
}

/** Names for the legend; equal ones are told apart by a number. */
export function distinct(names: string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}
