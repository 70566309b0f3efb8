// Columns that arrive at an operator, as far as they are known: from the shown run's results, else from the dataset at the top.
import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { json, part } from "@/api/http";
import { keys } from "@/api/queries";
import type { DagModel, OperatorModel } from "@/api/types";
import type { Catalogue } from "@/graph/model";
import { adjacency } from "@/graph/reach";

interface Described {
  columns?: { name: string; type: string }[];
}

type Asked = { queryKey: readonly unknown[]; path: string };

export function useColumns(dag: DagModel, catalogue: Catalogue, operator: OperatorModel | null, runId: string | null, hasResult: (id: string) => boolean): readonly string[] {
  const asked = useMemo((): Asked[] => {
    if (!operator || !catalogue.get(operator.algo_name)?.params.some((spec) => spec.kind === "column" || spec.kind === "columns")) return [];
    const { incoming } = adjacency(dag);
    const byId = new Map(dag.operators.map((one) => [one.id, one]));
    const found = new Map<string, Asked>();
    const seen = new Set<string>();
    const visit = (id: string) => {
      for (const edge of incoming.get(id) ?? []) {
        const source = byId.get(edge.source);
        const kind = source && catalogue.get(source.algo_name);
        if (!source || !kind || kind.outputs[edge.source_index]?.type !== "data") continue;
        const mark = `${edge.source} ${edge.source_index}`;
        if (seen.has(mark)) continue;
        seen.add(mark);
        const dataset = kind.params.find((spec) => spec.kind === "dataset");
        const datasetId = dataset && source.params[dataset.name];
        if (runId && hasResult(edge.source)) {
          found.set(mark, { queryKey: keys.output(runId, edge.source, edge.source_index), path: `/runs/${part(runId)}/tasks/${part(edge.source)}/outputs/${edge.source_index}` });
        } else if (datasetId !== undefined && datasetId !== null) {
          found.set(mark, { queryKey: [...keys.datasets, String(datasetId)], path: `/datasets/${part(String(datasetId))}` });
        } else visit(edge.source);
      }
    };
    visit(operator.id);
    return [...found.values()];
  }, [dag, catalogue, operator, runId, hasResult]);
  const results = useQueries({ queries: asked.map(({ queryKey, path }) => ({ queryKey, queryFn: () => json<Described>(path), staleTime: 60_000 })) });
  const names = results.flatMap((result) => result.data?.columns?.map((column) => column.name) ?? []).join("\u0000");
  return useMemo(() => [...new Set(names.split("\u0000").filter(Boolean))], [names]);
}
