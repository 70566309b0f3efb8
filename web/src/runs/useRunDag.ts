// The document that a run ran.
import { useQuery } from "@tanstack/react-query";
import { readDocument } from "@/api/documents";
import { keys } from "@/api/queries";
import { runSource } from "@/api/runs";
import type { DagModel } from "@/api/types";

/** Null until it is read, and where its text can't be read any more. */
export function useRunDag(runId: string): DagModel | null {
  const { data } = useQuery({
    queryKey: [...keys.run(runId), "dag"],
    queryFn: async ({ signal }) => (await readDocument(await runSource(runId), signal)).dag,
    staleTime: Infinity,
  });
  return data ?? null;
}
