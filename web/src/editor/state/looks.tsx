// How each operator looks: its state, its faults, its plan. Worked out once for all, so that a node is drawn anew only when its own look changes.
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { createStore, type StoreApi, useStore } from "zustand";
import { useLiveRun } from "@/api/live";
import type { Fault, LintFinding, TaskStatus, Verdict } from "@/api/types";
import { changedOperators } from "@/graph/difference";
import { lacking } from "@/graph/missing";
import type { Catalogue } from "@/graph/model";
import { shownDag, useEditor } from "./context";

export type Shown = TaskStatus | "idle" | "stale";

export interface NodeLook {
  status: Shown;
  progress: number | null;
  message: string;
  disabled: boolean;
  errors: number;
  warnings: number;
  verdict: Verdict | null;
  expected_ms: number | null;
  expected_bytes: number | null;
}

const IDLE: NodeLook = { status: "idle", progress: null, message: "", disabled: false, errors: 0, warnings: 0, verdict: null, expected_ms: null, expected_bytes: null };

type LookStore = StoreApi<{ looks: ReadonlyMap<string, NodeLook> }>;
const Looks = createContext<LookStore | null>(null);

function same(a: NodeLook, b: NodeLook): boolean {
  return (Object.keys(a) as (keyof NodeLook)[]).every((key) => a[key] === b[key]);
}

export interface Troubles {
  faults: ReadonlyMap<string, readonly Fault[]>;
  lint: ReadonlyMap<string, readonly LintFinding[]>;
}

function group<T extends { operator?: string }>(items: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) {
    if (!item.operator) continue;
    const list = found.get(item.operator);
    if (list) list.push(item);
    else found.set(item.operator, [item]);
  }
  return found;
}

export function useTroubles(): Troubles {
  const faults = useEditor((state) => state.faults);
  const lint = useEditor((state) => state.lint);
  return useMemo(() => ({ faults: group(faults), lint: group(lint) }), [faults, lint]);
}

export function LooksProvider({ catalogue, findings, children }: { catalogue: Catalogue; findings: ReadonlyMap<string, number>; children: ReactNode }) {
  const [store] = useState<LookStore>(() => createStore(() => ({ looks: new Map() })));
  const dag = useEditor(shownDag);
  const plan = useEditor((state) => state.plan);
  const runId = useEditor((state) => state.runId);
  const runDag = useEditor((state) => state.runDag);
  const viewed = useEditor((state) => state.viewed !== null);
  const reading = useEditor((state) => state.pending.length > 0 || state.reading);
  const troubles = useTroubles();
  const live = useLiveRun(runId);
  const lacks = useMemo(() => (viewed ? new Map() : lacking(dag, catalogue)), [dag, catalogue, viewed]);
  const stale = useMemo(() => (runDag && !viewed ? changedOperators(runDag, dag) : new Set<string>()), [runDag, dag, viewed]);

  useEffect(() => {
    const before = store.getState().looks;
    const looks = new Map<string, NodeLook>();
    let changed = before.size !== dag.operators.length;
    for (const operator of dag.operators) {
      const { id } = operator;
      const task = live.tasks.get(id);
      const going = task?.status === "running" || task?.status === "retrying" || task?.status === "waiting";
      const faults = viewed ? [] : (troubles.faults.get(id) ?? []);
      const lint = viewed ? [] : (troubles.lint.get(id) ?? []);
      const serverErrors = faults.filter((fault) => !fault.warning).length + lint.filter((finding) => finding.severity === "error").length;
      const row = plan?.get(id);
      const next: NodeLook = {
        status: !task ? "idle" : stale.has(id) && !going ? "stale" : task.status,
        progress: task?.status === "running" ? (task.progress ?? null) : null,
        message: task?.error?.message ?? task?.message ?? "",
        disabled: operator.disabled,
        // While the server reads a change, what is known here already stands in for its word.
        errors: reading ? Math.max(lacks.has(id) ? 1 : 0, 0) : Math.max(serverErrors, lacks.has(id) ? 1 : 0),
        warnings: faults.filter((fault) => fault.warning).length + lint.filter((finding) => finding.severity === "warning").length + (findings.get(id) ?? 0),
        verdict: row?.verdict ?? null,
        expected_ms: row?.expected_ms ?? null,
        expected_bytes: row?.expected_bytes ?? null,
      };
      const was = before.get(id);
      if (was && same(was, next)) looks.set(id, was);
      else {
        looks.set(id, next);
        changed = true;
      }
    }
    if (changed) store.setState({ looks });
  }, [store, dag, live, plan, stale, lacks, troubles, viewed, reading, findings]);

  return <Looks.Provider value={store}>{children}</Looks.Provider>;
}

export function useLookStore(): LookStore {
  const store = useContext(Looks);
  if (!store) throw new Error("outside of the editor");
  return store;
}

export function useLook(id: string): NodeLook {
  return useStore(useLookStore(), (state) => state.looks.get(id) ?? IDLE);
}
