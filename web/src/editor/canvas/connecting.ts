// While an edge is being drawn: from where, and which ports take it.
import { create } from "zustand";
import type { DagModel } from "@/api/types";
import type { Catalogue } from "@/graph/model";
import { Judge, type Verdict } from "@/graph/ports";

export interface From {
  id: string;
  port: number;
  side: "in" | "out";
}

interface Connecting {
  from: From | null;
  /** By `id/side-port`. */
  verdicts: ReadonlyMap<string, Verdict>;
}

export const useConnecting = create<Connecting>(() => ({ from: null, verdicts: new Map() }));

export function portKey(id: string, side: "in" | "out", port: number): string {
  return `${id}/${side}-${port}`;
}

export function beginConnecting(dag: DagModel, catalogue: Catalogue, from: From): void {
  const judge = new Judge(dag, catalogue);
  const verdicts = new Map<string, Verdict>();
  const side = from.side === "out" ? "in" : "out";
  for (const operator of dag.operators) {
    const kind = catalogue.get(operator.algo_name);
    const count = side === "in" ? (kind?.inputs.length ?? 1) : (kind?.outputs.length ?? 1);
    for (let port = 0; port < count; port += 1) {
      const edge =
        side === "in"
          ? { source: from.id, source_index: from.port, target: operator.id, target_index: judge.freeIndex(operator.id, port) }
          : { source: operator.id, source_index: port, target: from.id, target_index: judge.freeIndex(from.id, from.port) };
      verdicts.set(portKey(operator.id, side, port), judge.judge(edge));
    }
  }
  useConnecting.setState({ from, verdicts });
}

export function endConnecting(): void {
  useConnecting.setState({ from: null, verdicts: new Map() });
}
