// Runs: beginning them, stopping them, and what became of their operators.
import { json, part, request } from "./http";
import type { Page, RunOptions, RunView, SubmitAnswer, TaskView } from "./types";

export interface Submission {
  source?: string;
  dag_id?: string;
  version?: number;
  options?: RunOptions;
}

export function submitRun(submission: Submission): Promise<SubmitAnswer> {
  return json("/runs", { method: "POST", json: submission });
}

export function listRuns(filter: { dag_id?: string; status?: string; limit?: number; before?: string }): Promise<Page<RunView>> {
  return json("/runs", { query: filter });
}

export function getRun(runId: string): Promise<RunView> {
  return json(`/runs/${part(runId)}`);
}

export async function runSource(runId: string): Promise<string> {
  return (await request(`/runs/${part(runId)}/source`)).text();
}

export function cancelRun(runId: string): Promise<RunView> {
  return json(`/runs/${part(runId)}/cancel`, { method: "POST" });
}

export function resumeRun(runId: string): Promise<SubmitAnswer> {
  return json(`/runs/${part(runId)}/resume`, { method: "POST" });
}

export function listTasks(runId: string): Promise<{ items: TaskView[] }> {
  return json(`/runs/${part(runId)}/tasks`);
}
