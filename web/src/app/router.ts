// Addresses after `#`: which page is shown, with what. Small enough to be our own.
import { useMemo, useSyncExternalStore } from "react";

export { type Params, match, to } from "./paths";

export interface Place {
  path: string;
  query: URLSearchParams;
}

function read(): string {
  const hash = window.location.hash.slice(1);
  return hash.startsWith("/") ? hash : "/";
}

/** Asked before a page is left; `false` stays. */
type Guard = (to: string) => boolean;
let guard: Guard | null = null;
let shown = read();
const watchers = new Set<() => void>();

window.addEventListener("hashchange", () => {
  const to = read();
  if (to === shown) return;
  if (guard && !guard(to)) {
    window.history.replaceState(null, "", `#${shown}`);
    return;
  }
  shown = to;
  for (const watcher of watchers) watcher();
});

export function go(path: string): void {
  window.location.hash = path;
}

/** As `go`, without a step in the history. */
export function replace(path: string): void {
  window.history.replaceState(null, "", `#${path}`);
  shown = read();
  for (const watcher of watchers) watcher();
}

export function setGuard(next: Guard | null): void {
  guard = next;
}

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function usePlace(): Place {
  const address = useSyncExternalStore(subscribe, () => shown);
  return useMemo(() => {
    const [path = "/", query = ""] = address.split("?", 2);
    return { path, query: new URLSearchParams(query) };
  }, [address]);
}
