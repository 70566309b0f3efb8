// Addresses after `#`: which page is shown, with what. Small enough to be our own.
import { useMemo, useSyncExternalStore } from "react";

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

export type Params = Record<string, string>;

/** `/dags/:dagId` against `/dags/a%2Fb` gives `{dagId: "a/b"}`; null where it doesn't match. */
export function match(pattern: string, path: string): Params | null {
  const wanted = pattern.split("/").filter(Boolean);
  const given = path.split("/").filter(Boolean);
  if (wanted.length !== given.length) return null;
  const params: Params = {};
  for (const [at, part] of wanted.entries()) {
    const found = given[at] ?? "";
    if (part.startsWith(":")) {
      try {
        params[part.slice(1)] = decodeURIComponent(found);
      } catch {
        return null;
      }
    } else if (part !== found) return null;
  }
  return params;
}

/** `to("/runs/:runId", {runId: "a/b"})` gives `/runs/a%2Fb`. */
export function to(pattern: string, params: Params = {}, query: Params = {}): string {
  const path = pattern.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const search = new URLSearchParams(query).toString();
  return search ? `${path}?${search}` : path;
}
