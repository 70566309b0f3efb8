// What an option builder takes and gives: pure data, so that a chart can be tested, drawn, and saved as a table.
import type { EChartsOption } from "echarts";

import type { Evaluation } from "./evaluation";

/** A value of the table behind a chart. */
export type Cell = string | number | null;

export interface Drawing {
  option: EChartsOption;
  /** The same data as rows, for CSV and for those who read tables rather than pictures. */
  table: { columns: string[]; rows: Cell[][] };
  /** Width by height, where the chart needs a certain shape; else it fills what it is given. */
  minHeight?: number;
}

/** An evaluation among those that are drawn over each other. */
export interface Judged {
  /** As the legend names it. */
  name: string;
  evaluation: Evaluation;
  /** An older run: drawn dashed beneath. */
  older?: boolean;
}

export interface Palette {
  text: string;
  faint: string;
  line: string;
  surface: string;
  /** Colours of models, in order. */
  series: string[];
  /** From nothing to much, for shares in a matrix. */
  scale: [string, string];
  /** From negative through nothing to positive. */
  diverging: [string, string, string];
  /** By state of a task. */
  state: Record<string, string>;
}

/** How things look and read: theme, language, numbers by locale. */
export interface Look {
  palette: Palette;
  words: (key: string, values?: Record<string, string | number>) => string;
  number: (value: number) => string;
  percent: (value: number) => string;
}
