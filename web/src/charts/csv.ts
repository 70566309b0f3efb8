// A chart's table as CSV text (RFC 4180): opens in spreadsheets, with nothing that they would take for a formula.
import type { Cell } from "./drawing";

/** With a byte order mark, without which Excel garbles Chinese. */
export function csv(table: { columns: string[]; rows: Cell[][] }): string {
  const line = (cells: Cell[]) => `${cells.map(field).join(",")}\r\n`;
  return `\uFEFF${line(table.columns)}${table.rows.map(line).join("")}`;
}

function field(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  // A name that begins like a formula would be run by a spreadsheet.
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
