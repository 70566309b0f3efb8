// The catalogue of operators, read once and kept.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { json } from "./http";
import { keys } from "./queries";
import type { OperatorKind } from "./types";

export type Catalogue = ReadonlyMap<string, OperatorKind>;

const NONE: Catalogue = new Map();

export function useCatalogue(): { catalogue: Catalogue; ready: boolean } {
  const { data } = useQuery({
    queryKey: keys.operators,
    queryFn: () => json<{ items: OperatorKind[] }>("/operators"),
    staleTime: 5 * 60_000,
  });
  const catalogue = useMemo(() => (data ? new Map(data.items.map((kind) => [kind.algo_name, kind])) : NONE), [data]);
  return { catalogue, ready: data !== undefined };
}
