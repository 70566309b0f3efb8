// Evaluations and reports of operators in a run, and of the same operators in the run before.
import { useQueries } from "@tanstack/react-query";
import { useLiveRun } from "@/api/live";
import { getValue } from "@/api/outputs";
import { keys } from "@/api/queries";
import type { OutputView } from "@/api/types";
import type { Judged } from "@/charts/drawing";
import { readEvaluation } from "@/charts/evaluation";
import { readReport, type Report } from "@/charts/report";

interface Wanted {
  runId: string;
  operator: string;
  output: OutputView;
  older: boolean;
}

export interface Evaluations {
  runs: Judged[];
  reports: Report[];
  loading: boolean;
  error: unknown;
  again: () => void;
}

/** Whether an operator of a run has figures or a report to show. */
export function isJudged(outputs: readonly OutputView[] | undefined): boolean {
  return outputs?.some((output) => output.type === "metrics" || output.type === "report") ?? false;
}

export function useEvaluations(
  runId: string | null,
  previousRunId: string | null,
  operators: readonly string[],
  name: (operator: string, older: boolean) => string,
): Evaluations {
  const now = useLiveRun(runId).tasks;
  const before = useLiveRun(previousRunId).tasks;
  const wanted: Wanted[] = operators.flatMap((operator) => [
    ...valuesOf(runId, operator, now.get(operator)?.outputs, false),
    // Figures only: a report twice would be hard to tell apart.
    ...valuesOf(previousRunId, operator, before.get(operator)?.outputs, true).filter(({ output }) => output.type === "metrics"),
  ]);
  const found = useQueries({
    queries: wanted.map(({ runId, operator, output }) => ({
      queryKey: [...keys.output(runId, operator, output.port), "value"],
      queryFn: ({ signal }: { signal: AbortSignal }) => getValue(runId, operator, output.port, signal),
      staleTime: Infinity,
    })),
  });
  const runs: Judged[] = [];
  const reports: Report[] = [];
  wanted.forEach(({ operator, older }, at) => {
    const value = found[at]?.data;
    const evaluation = readEvaluation(value);
    if (evaluation) runs.push({ name: name(operator, older), evaluation, older });
    const report = readReport(value);
    if (report) reports.push(report);
  });
  const failed = found.find((query) => query.error);
  return {
    runs,
    reports,
    loading: found.some((query) => query.isPending),
    error: failed?.error ?? null,
    again: () => void failed?.refetch(),
  };
}

function valuesOf(runId: string | null, operator: string, outputs: readonly OutputView[] | undefined, older: boolean): Wanted[] {
  if (runId === null) return [];
  return (outputs ?? [])
    .filter((output) => output.type === "metrics" || output.type === "report")
    .map((output) => ({ runId, operator, output, older }));
}
