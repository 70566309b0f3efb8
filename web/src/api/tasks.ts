// One operator of a run: its attempts, its story, its log.
import { json, part } from "./http";
import type { StoryLine, TaskError, TaskView } from "./types";

export interface AttemptView {
  attempt: number;
  status: "running" | "success" | "failed" | "timed_out" | "cancelled" | "lost";
  started_at_ms: number;
  ended_at_ms?: number;
  duration_us?: number;
  cpu_us?: number;
  peak_rss_bytes?: number;
  error?: TaskError;
}

export interface TaskDetail extends TaskView {
  attempts: AttemptView[];
  /** Why it did what it did, line by line; only while the server remembers the run. */
  story: StoryLine[];
}

export interface LogPart {
  attempt: number;
  /** In bytes. */
  offset: number;
  next: number;
  ended: boolean;
  text: string;
}

function address(runId: string, operator: string): string {
  return `/runs/${part(runId)}/tasks/${part(operator)}`;
}

export function getTask(runId: string, operator: string, signal?: AbortSignal): Promise<TaskDetail> {
  return json(address(runId, operator), { signal });
}

export function getLog(
  runId: string,
  operator: string,
  range: { attempt?: number; offset?: number; limit?: number },
  signal?: AbortSignal,
): Promise<LogPart> {
  return json(`${address(runId, operator)}/log`, { query: range, signal });
}

export function logStreamAddress(runId: string, operator: string, attempt: number): string {
  return `/api/v1${address(runId, operator)}/log/stream?attempt=${attempt}`;
}
