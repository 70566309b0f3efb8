// When each operator of a run ran: a bar per attempt, coloured by how it ended.
import type { CustomSeriesRenderItem } from "echarts";

import type { Cell, Drawing, Look } from "../drawing";
import { base, categoryAxis, grid, tooltip, valueAxis } from "./frame";

export interface Span {
  operator: string;
  /** As it is shown. */
  name: string;
  status: string;
  /** Milliseconds since 1970. */
  from_ms: number;
  /** Null while it runs. */
  to_ms: number | null;
}

const ROW_HEIGHT_PX = 24;
/** More rows than this are scrolled through. */
const MAX_ROWS_SHOWN = 30;
const MIN_BAR_PX = 2;

/** Rows in the order of their beginning; `now_ms` is where running bars end, `duration` writes milliseconds. */
export function gantt(spans: Span[], now_ms: number, look: Look, duration: (ms: number) => string): Drawing | null {
  if (spans.length === 0) return null;
  const sorted = [...spans].sort((a, b) => a.from_ms - b.from_ms);
  const begin = sorted[0]?.from_ms ?? 0;
  const operators = [...new Set(sorted.map((span) => span.operator))];
  const names = operators.map((id) => sorted.find((span) => span.operator === id)?.name ?? id);
  const row = new Map(operators.map((id, i) => [id, i]));
  const end = Math.max(...sorted.map((span) => span.to_ms ?? now_ms), begin + 1);
  const data = sorted.map((span) => ({
    value: [row.get(span.operator) ?? 0, span.from_ms - begin, (span.to_ms ?? Math.max(now_ms, span.from_ms)) - begin],
    itemStyle: { color: look.palette.state[span.status] ?? look.palette.faint },
  }));
  const scrolled = operators.length > MAX_ROWS_SHOWN;
  return {
    option: {
      ...base(look),
      grid: grid({ left: 12, right: scrolled ? 40 : 24, top: 10, containLabel: true }),
      tooltip: tooltip(look, {
        formatter: (shown: { dataIndex: number }) => {
          const span = sorted[shown.dataIndex];
          if (span === undefined) return "";
          const took = (span.to_ms ?? now_ms) - span.from_ms;
          const state = look.words(`runs:state.${span.status}`);
          return `${span.name}\n${state} · ${duration(took)}\n+${duration(span.from_ms - begin)}`;
        },
      }),
      xAxis: valueAxis(look, look.words("charts:sinceStart"), {
        min: 0,
        max: end - begin,
        axisLabel: {
          color: look.palette.faint,
          fontSize: 11,
          hideOverlap: true,
          showMaxLabel: false,
          formatter: (value: number) => duration(value),
        },
      }),
      yAxis: categoryAxis(look, "", names, { inverse: true, splitLine: { show: false } }),
      ...(scrolled
        ? {
            dataZoom: [
              {
                type: "slider",
                yAxisIndex: 0,
                right: 6,
                width: 14,
                startValue: 0,
                endValue: MAX_ROWS_SHOWN - 1,
                showDetail: false,
                brushSelect: false,
                borderColor: look.palette.line,
              },
              { type: "inside", yAxisIndex: 0, zoomOnMouseWheel: false, moveOnMouseWheel: true },
            ],
          }
        : {}),
      series: [{ type: "custom", renderItem: bar, encode: { x: [1, 2], y: 0 }, data, clip: true }],
    },
    table: {
      columns: ["operator", "name", "status", "from_ms", "to_ms"],
      rows: sorted.map((span): Cell[] => [span.operator, span.name, span.status, span.from_ms, span.to_ms]),
    },
    minHeight: 70 + Math.min(operators.length, MAX_ROWS_SHOWN) * ROW_HEIGHT_PX,
  };
}

const bar: CustomSeriesRenderItem = (_, api) => {
  const [x = 0, y = 0] = api.coord([api.value(1), api.value(0)]);
  const [right = 0] = api.coord([api.value(2), api.value(0)]);
  const size = api.size?.([0, 1]);
  const height = Math.min(16, (Array.isArray(size) ? (size[1] ?? 16) : 16) * 0.65);
  return {
    type: "rect",
    shape: { x, y: y - height / 2, width: Math.max(MIN_BAR_PX, right - x), height, r: 2 },
    style: { fill: String(api.visual("color")) },
  };
};
