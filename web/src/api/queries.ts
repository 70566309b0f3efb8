// What has been read from the server and when it is read again.
import { QueryClient } from "@tanstack/react-query";
import { Problem, Unreachable } from "./problem";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // The watcher of the connection reads again once the server is back; a refusal stays one.
      retry: (count, error) => !(error instanceof Problem) && !(error instanceof Unreachable) && count < 2,
      refetchOnWindowFocus: true,
    },
  },
});

/** Keys of what is read, in one place so that events can name what they make stale. */
export const keys = {
  dags: ["dags"] as const,
  dag: (dagId: string) => ["dags", dagId] as const,
  versions: (dagId: string) => ["dags", dagId, "versions"] as const,
  runs: ["runs"] as const,
  run: (runId: string) => ["runs", runId] as const,
  tasks: (runId: string) => ["runs", runId, "tasks"] as const,
  task: (runId: string, operator: string) => ["runs", runId, "tasks", operator] as const,
  output: (runId: string, operator: string, port: number) => ["runs", runId, "tasks", operator, "outputs", port] as const,
  operators: ["operators"] as const,
  executors: ["executors"] as const,
  datasets: ["datasets"] as const,
  templates: ["templates"] as const,
  models: ["models"] as const,
  services: ["services"] as const,
  schedules: ["schedules"] as const,
  schedule: (dagId: string) => ["schedules", dagId] as const,
  scheduleHistory: (dagId: string) => ["schedules", dagId, "history"] as const,
  schedulePreview: (cron: string, timezone: string) => ["schedules", "", "preview", cron, timezone] as const,
  settings: ["settings"] as const,
};
