// The page's one stream of server-sent events. The browser reconnects it and names the last event it had, so that nothing is missed.
import { lost, useConnection } from "./connection";
import type { ServerEvent } from "./types";

type Listener = (event: ServerEvent) => void;

const NAMES = [
  "run_started", "task_started", "progress", "metric", "task_ended", "run_ended", "dag_changed",
] as const;
const listeners = new Set<Listener>();
const returns = new Set<() => void>();
let source: EventSource | null = null;
let broken = false;

export function listen(listener: Listener): () => void {
  listeners.add(listener);
  open();
  return () => listeners.delete(listener);
}

/** Called when events may have been missed for good: after a break of the stream, or where the server says that it couldn't keep them all. */
export function onReturn(listener: () => void): () => void {
  returns.add(listener);
  return () => returns.delete(listener);
}

function open(): void {
  if (source) return;
  const stream = new EventSource("/api/v1/events");
  source = stream;
  stream.onopen = () => {
    if (!broken) return;
    broken = false;
    for (const listener of returns) listener();
  };
  stream.onerror = () => {
    broken = true;
    if (stream.readyState !== EventSource.CLOSED) {
      lost();
      return;
    }
    // Refused for good (a server that is starting, a session that ended): opened anew once the server answers.
    source = null;
    lost();
  };
  const hear = (message: MessageEvent<string>) => {
    let event: ServerEvent;
    try {
      event = JSON.parse(message.data) as ServerEvent;
    } catch {
      return;
    }
    for (const listener of listeners) listener(event);
  };
  stream.addEventListener("missed", () => {
    for (const listener of returns) listener();
  });
  for (const name of NAMES) stream.addEventListener(name, hear as EventListener);
}

useConnection.subscribe((state, before) => {
  if (state.returns !== before.returns && listeners.size > 0) open();
});
