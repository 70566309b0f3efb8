// States of a run's operators: read once, then kept up by events. A reload or a broken stream reads them anew.
import { useEffect } from "react";
import { create } from "zustand";
import { useConnection } from "./connection";
import { listen, onReturn } from "./events";
import { getValue } from "./outputs";
import { keys, queries } from "./queries";
import { getRun, listTasks } from "./runs";
import type { RunView, ServerEvent, SubmitAnswer, TaskView } from "./types";

export interface LiveTask extends TaskView {
  /** From 0 to 1, while running. */
  progress?: number;
  message?: string;
  metrics?: Record<string, number | null>;
}

export interface LiveRun {
  run: RunView | null;
  tasks: ReadonlyMap<string, LiveTask>;
  loaded: boolean;
}

interface LiveState {
  runs: ReadonlyMap<string, LiveRun>;
}

const NONE: LiveRun = { run: null, tasks: new Map(), loaded: false };

export const useLive = create<LiveState>(() => ({ runs: new Map() }));

/** The run with the newest known state of each operator. */
export function useLiveRun(runId: string | null): LiveRun {
  const returns = useConnection((state) => state.returns);
  useEffect(() => {
    start();
    if (runId && !isKnown(runId)) void load(runId);
  }, [runId, returns]);
  return useLive((state) => (runId ? (state.runs.get(runId) ?? NONE) : NONE));
}

function put(runId: string, change: (run: LiveRun) => LiveRun): void {
  useLive.setState((state) => {
    const runs = new Map(state.runs);
    runs.set(runId, change(runs.get(runId) ?? NONE));
    return { runs };
  });
}

/** Nothing of it is still to come, and nothing to be read. */
function isKnown(runId: string): boolean {
  const live = useLive.getState().runs.get(runId);
  if (!live) return false;
  return awaited.has(runId) || (live.loaded && live.run !== null && isOver(live.run));
}

/** Runs that were just begun here: events tell of them, and what events don't say is read soon. */
const awaited = new Map<string, ReturnType<typeof setTimeout>>();
/** Runs that somebody on this page waits for. */
const wished = new Set<string>();
/** Reading at once would be in the way of a short run's answer. */
const READ_AFTER_MS = 250;

/** What waits for the first figures of a run. */
const watching = new Map<string, () => void>();

/** Resolves once a run that was just begun has figures to show or is over, and soon in any case: a short run is drawn in one go, a long one isn't waited for. */
export function firstFigures(runId: string): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(() => settle(runId), GATHER_MS);
    watching.set(runId, () => {
      clearTimeout(timer);
      watching.delete(runId);
      done();
    });
  });
}

function settle(runId: string): void {
  watching.get(runId)?.();
}

/** A run that was just begun here. Events may have come before the answer that names it. */
export function begun(answer: SubmitAnswer, dag: string): void {
  const { run_id, total, dag_id, version } = answer;
  start();
  const run: RunView = { run_id, status: "running", dag, dag_id, version, total, done: 0, failed: 0, cached: 0, cancel_requested: false, created_at_ms: Date.now(), options: {} };
  wished.add(run_id);
  awaited.set(run_id, setTimeout(() => void load(run_id), READ_AFTER_MS));
  put(run_id, (live) => (live.run ? live : { ...live, run }));
  const mine = (event: ServerEvent) => "run_id" in event && event.run_id === run_id;
  waiting = [...early.filter(mine), ...waiting];
  early = early.filter((event) => !mine(event));
  for (const event of waiting.filter(mine)) ahead(event);
  schedule();
}

function noLongerAwaited(runId: string): void {
  clearTimeout(awaited.get(runId));
  awaited.delete(runId);
}

const loading = new Map<string, Promise<void>>();

export function load(runId: string): Promise<void> {
  let going = loading.get(runId);
  if (!going) {
    going = read(runId).finally(() => loading.delete(runId));
    loading.set(runId, going);
  }
  return going;
}

async function read(runId: string): Promise<void> {
  noLongerAwaited(runId);
  try {
    const [run, tasks] = await Promise.all([getRun(runId), listTasks(runId)]);
    put(runId, (live) => {
      const known = new Map<string, LiveTask>();
      for (const task of tasks.items) {
        const before = live.tasks.get(task.operator);
        // What an event told while the answer was on its way is newer.
        const newer = before && rank(before) > rank(task);
        known.set(task.operator, newer ? { ...task, ...before } : { ...task, progress: before?.progress, message: before?.message, metrics: before?.metrics });
      }
      const ended = live.run !== null && isOver(live.run) && !isOver(run);
      return { run: ended ? live.run : run, tasks: known, loaded: true };
    });
  } catch {
    // The banner says that the server is away; it is read again on return.
  }
}

const ORDER = ["waiting", "running", "retrying", "skipped", "cancelled", "failed", "cached", "success"];

function rank(task: LiveTask): number {
  return task.attempt * 100 + ORDER.indexOf(task.status);
}

export function isOver(run: RunView): boolean {
  return run.status !== "running";
}

let started = false;

function start(): void {
  if (started) return;
  started = true;
  listen(hear);
  onReturn(() => {
    for (const [runId, live] of useLive.getState().runs) {
      if (!live.run || !isOver(live.run)) void load(runId);
    }
  });
}

// Events come in bursts; they are applied together, once for each frame.
let waiting: ServerEvent[] = [];
let frame: number | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
/** How long events are gathered where no frame is waited for. */
const GATHER_MS = 100;

/** The newest events of runs that aren't known here: one of them may be on its way to being begun. */
let early: ServerEvent[] = [];
const MOST_EARLY = 2_000;

function hear(event: ServerEvent): void {
  waiting.push(event);
  ahead(event);
  schedule();
}

function schedule(): void {
  if (frame !== undefined || timer !== undefined || waiting.length === 0) return;
  // A hidden page draws no frames, but must not fall behind. Drawing each step of a run that was just begun would hold up its answer.
  if (document.hidden || awaited.size > 0) timer = setTimeout(apply, GATHER_MS);
  else frame = requestAnimationFrame(apply);
}

function apply(): void {
  clearTimeout(timer);
  if (frame !== undefined) cancelAnimationFrame(frame);
  timer = frame = undefined;
  const events = waiting;
  waiting = [];
  applyAll(events);
}

/** Figures of a run that was begun here are fetched as soon as they are there, and drawn in one go with the state that brought them. */
function ahead(event: ServerEvent): void {
  if (event.type !== "task_ended" || event.status !== "success" || !wished.has(event.run_id)) return;
  const { run_id, operator } = event;
  for (const { type, port } of event.outputs ?? []) {
    if (type !== "metrics") continue;
    const fetched = queries.prefetchQuery({
      queryKey: [...keys.output(run_id, operator, port), "value"],
      queryFn: ({ signal }) => getValue(run_id, operator, port, signal),
      staleTime: Infinity,
    });
    void fetched.finally(() => {
      apply();
      settle(run_id);
    });
  }
}

function applyAll(events: readonly ServerEvent[]): void {
  if (events.length === 0) return;
  useLive.setState((state) => {
    let runs: Map<string, LiveRun> | null = null;
    const changed = new Map<string, Map<string, LiveTask>>();
    for (const event of events) {
      if (event.type === "dag_changed" || event.type === "run_started") continue;
      const live = (runs ?? state.runs).get(event.run_id);
      if (!live) {
        early.push(event);
        continue;
      }
      runs ??= new Map(state.runs);
      if (event.type === "run_ended") {
        const run = live.run && { ...live.run, status: event.status, ended_at_ms: live.run.ended_at_ms ?? Date.now() };
        runs.set(event.run_id, { ...live, run });
        continue;
      }
      let tasks = changed.get(event.run_id);
      if (!tasks) {
        tasks = new Map(live.tasks);
        changed.set(event.run_id, tasks);
        runs.set(event.run_id, { ...live, tasks });
      }
      const task = tasks.get(event.operator) ?? blank(event.operator);
      tasks.set(event.operator, changedTask(task, event));
    }
    return runs ? { runs } : state;
  });
  if (early.length > MOST_EARLY) early = early.slice(-MOST_EARLY / 2);
  for (const event of events) afterwards(event);
}

function blank(operator: string): LiveTask {
  return { operator, algo_name: "", status: "waiting", attempt: 0, outputs: [] };
}

function changedTask(task: LiveTask, event: ServerEvent): LiveTask {
  switch (event.type) {
    case "task_started":
      return { ...task, status: "running", attempt: event.attempt, started_at_ms: Date.now(), error: undefined, progress: undefined, message: undefined };
    case "progress":
      return { ...task, progress: event.fraction, message: event.message };
    case "metric":
      return { ...task, metrics: { ...task.metrics, [event.name]: event.value ?? null } };
    case "task_ended":
      return { ...task, status: event.status, attempt: Math.max(task.attempt, event.attempt), duration_us: event.duration_us, error: event.error, progress: undefined, outputs: event.outputs ?? task.outputs };
    default:
      return task;
  }
}

function afterwards(event: ServerEvent): void {
  // Figures may be on their way still; a run that failed or was cached has none to come.
  if (event.type === "run_ended" && event.status !== "success") settle(event.run_id);
  // Lists of runs, whatever they are narrowed by; what is known of single runs stays.
  if (event.type === "run_started") void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === keys.runs[0] && typeof queryKey[1] === "object" });
  if (event.type === "dag_changed") void queries.invalidateQueries({ queryKey: keys.dags });
  if (event.type === "run_ended") {
    // Sizes, times and what came from where are read once the run is over.
    const { run_id } = event;
    // What is on its way may have left before the end.
    if (useLive.getState().runs.has(run_id)) void (loading.get(run_id) ?? Promise.resolve()).then(() => load(run_id));
    // Lists, and what is known of this run; figures never change once they are there.
    void queries.invalidateQueries({
      queryKey: keys.runs,
      predicate: ({ queryKey: [, about, ...rest] }) => typeof about !== "string" || (about === run_id && rest.at(-1) !== "value"),
    });
    void queries.invalidateQueries({ queryKey: keys.models });
    void queries.invalidateQueries({ queryKey: keys.dags, exact: true });
  }
}
