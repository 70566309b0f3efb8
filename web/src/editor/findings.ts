// How many findings the evaluations of the shown run made, by operator: they are badges on the canvas.
import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { json, part } from "@/api/http";
import type { LiveRun } from "@/api/live";
import { keys } from "@/api/queries";
import type { DagModel } from "@/api/types";
import type { Catalogue } from "@/graph/model";

interface Metrics {
  findings?: { severity?: string }[];
}

export function useFindings(dag: DagModel, catalogue: Catalogue, runId: string | null, live: LiveRun): ReadonlyMap<string, number> {
  const ready = dag.operators
    .filter((operator) => catalogue.get(operator.algo_name)?.outputs[0]?.type === "metrics" && ["success", "cached"].includes(live.tasks.get(operator.id)?.status ?? ""))
    .map((operator) => operator.id);
  const results = useQueries({
    queries: ready.map((id) => ({
      queryKey: [...keys.output(runId ?? "", id, 0), "value"],
      queryFn: () => json<Metrics>(`/runs/${part(runId ?? "")}/tasks/${part(id)}/outputs/0/value`),
      staleTime: Infinity,
    })),
  });
  const words = results.map((result, at) => `${ready[at]}\u0000${(result.data?.findings ?? []).filter((finding) => finding.severity !== "info").length}`).join("\u0001");
  return useMemo(() => {
    const found = new Map<string, number>();
    for (const word of words.split("\u0001")) {
      const [id = "", count = "0"] = word.split("\u0000");
      if (Number(count) > 0) found.set(id, Number(count));
    }
    return found;
  }, [words]);
}
