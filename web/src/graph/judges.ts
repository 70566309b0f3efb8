// Whose figures say how good a selected operator is.
import type { DagModel } from "@/api/types";
import type { Catalogue } from "./model";
import { type Adjacency, descendants } from "./reach";

/** Curves over each other that can still be told apart. */
const MOST_FOLLOWING = 6;

/** The selected operators that judge something; where the one selected doesn't, the evaluations that depend on it. */
export function judgesOf(dag: DagModel, catalogue: Catalogue, near: Adjacency, selected: readonly string[]): string[] {
  if (selected.length === 0) return [];
  const chosen = new Set(selected);
  const giving = (ids: ReadonlySet<string>, ...types: string[]) => dag.operators
    .filter(({ id, algo_name }) => ids.has(id) && catalogue.get(algo_name)?.outputs.some((output) => types.includes(output.type)))
    .map(({ id }) => id);
  const own = giving(chosen, "metrics", "report");
  if (own.length > 0 || selected.length !== 1) return own;
  return giving(descendants(near, selected), "metrics").slice(0, MOST_FOLLOWING);
}
