// How a cell of a table reads: numbers to the right, nothing told apart from empty text.
import type { ColumnView } from "@/api/outputs";

const NUMERIC = /^(u?int|float|double|decimal|half)/i;

export function isNumeric(column: ColumnView): boolean {
  return NUMERIC.test(column.type);
}

/** Null for what isn't there. Values come ready from the server; only nested ones are written here. */
export function written(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return JSON.stringify(value);
}

const CHAR_PX = 7.4;
/** Chinese and its like. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/;
const PADDING_PX = 22;
const MIN_WIDTH_PX = 64;
const MAX_WIDTH_PX = 280;

function textWidth(text: string): number {
  let width = 0;
  for (const char of text.slice(0, 60)) width += WIDE.test(char) ? CHAR_PX * 1.8 : CHAR_PX;
  return width;
}

/** Widths that show the heading and the first rows, within bounds. */
export function widths(columns: ColumnView[], rows: unknown[][]): number[] {
  return columns.map((column, at) => {
    let most = Math.max(textWidth(column.name), textWidth(column.type) * 0.85);
    for (const row of rows.slice(0, 30)) most = Math.max(most, textWidth(written(row[at]) ?? ""));
    return Math.round(Math.min(MAX_WIDTH_PX, Math.max(MIN_WIDTH_PX, most + PADDING_PX)));
  });
}
