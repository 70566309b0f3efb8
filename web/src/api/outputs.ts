// What a run's operators put out: tables by the page, statistics, figures, files to take away.
import { json, part } from "./http";
import type { OutputView } from "./types";

export interface ColumnView {
  name: string;
  type: string;
}

/** A window of a table's rows. */
export interface Preview {
  columns: ColumnView[];
  total_rows: number;
  offset: number;
  /** Cells in the order of the columns; what JSON can't hold exactly is text. */
  rows: unknown[][];
  /** The table was collected: these are rows that were kept of it. */
  evicted?: boolean;
}

export type ColumnKind = "number" | "boolean" | "text" | "binary" | "time" | "other";

export interface ColumnStats {
  name: string;
  type: string;
  kind: ColumnKind;
  nulls: number;
  nans?: number;
  infinities?: number;
  distinct?: { count: number; exact: boolean };
  min?: unknown;
  max?: unknown;
  mean?: number;
  std?: number;
  quantiles?: { percent: number; value: unknown }[];
  /** The quantiles are of a sample. */
  sampled?: boolean;
  histogram?: { edges: unknown[]; counts: number[] };
  top?: { value: unknown; count: number }[];
  top_is_partial?: boolean;
}

export interface TableStats {
  rows: number;
  columns: ColumnStats[];
}

export interface OutputDetail extends OutputView {
  columns?: ColumnView[];
  statistics?: TableStats;
  manifest?: unknown;
}

function address(runId: string, operator: string, port: number): string {
  return `/runs/${part(runId)}/tasks/${part(operator)}/outputs/${port}`;
}

export function getOutput(runId: string, operator: string, port: number, signal?: AbortSignal): Promise<OutputDetail> {
  return json(address(runId, operator, port), { signal });
}

export function getRows(runId: string, operator: string, port: number, offset: number, limit: number, signal?: AbortSignal): Promise<Preview> {
  return json(`${address(runId, operator, port)}/rows`, { query: { offset, limit }, signal });
}

/** The JSON of a metrics or report output. */
export function getValue(runId: string, operator: string, port: number, signal?: AbortSignal): Promise<unknown> {
  return json(`${address(runId, operator, port)}/value`, { signal });
}


/** For a link: the browser streams the file to disk, however large. */
export function downloadAddress(runId: string, operator: string, port: number, format: string): string {
  return `/api/v1${address(runId, operator, port)}/download?format=${encodeURIComponent(format)}`;
}
