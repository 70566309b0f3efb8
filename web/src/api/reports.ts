// What came out of a run, and what changed from one run to another.
import { json, part } from "./http";

export interface RunReport {
  run_id: string;
  metrics: Record<string, Record<string, unknown>>;
  findings?: Record<string, unknown>;
  /** Whole evaluations, curves included, by operator. */
  evaluations?: Record<string, unknown>;
}

export interface CellDiff {
  column: string;
  a: unknown;
  b: unknown;
}

export type SchemaDiff =
  | { change: "added" | "removed"; column: string; type: string }
  | { change: "type_changed"; column: string; from: string; to: string }
  | { change: "moved"; column: string; from: number; to: number };

export interface TableDiff {
  rows_a: number;
  rows_b: number;
  schema: SchemaDiff[];
  compared: string[];
  columns: { column: string; differing_rows: number }[];
  differing_rows: number;
  first: { row: number; cells: CellDiff[] }[];
}

export interface Divergence {
  operator: string;
  port: number;
  type: string;
  readers: string[];
  table?: TableDiff;
  note?: string;
}

export interface RunDiff {
  before: string;
  after: string;
  removed?: string[];
  added?: string[];
  parameters?: { operator: string; parameter: string; before: unknown; after: unknown }[];
  basis?: string[];
  statuses?: { operator: string; before: string | null; after: string | null }[];
  metrics?: { operator: string; metric: string; before: number; after: number }[];
  first_divergence?: Divergence;
}

export function getReport(runId: string, signal?: AbortSignal): Promise<RunReport> {
  return json(`/runs/${part(runId)}/report`, { signal });
}

export function getDiff(before: string, after: string, signal?: AbortSignal): Promise<RunDiff> {
  return json(`/diff/${part(before)}/${part(after)}`, { signal });
}
