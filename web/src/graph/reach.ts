// What depends on what.
import type { DagModel, EdgeModel } from "@/api/types";

export interface Adjacency {
  outgoing: ReadonlyMap<string, readonly EdgeModel[]>;
  incoming: ReadonlyMap<string, readonly EdgeModel[]>;
}

export function adjacency(dag: DagModel): Adjacency {
  const outgoing = new Map<string, EdgeModel[]>();
  const incoming = new Map<string, EdgeModel[]>();
  const add = (map: Map<string, EdgeModel[]>, key: string, edge: EdgeModel) => {
    const list = map.get(key);
    if (list) list.push(edge);
    else map.set(key, [edge]);
  };
  for (const edge of dag.edges) {
    add(outgoing, edge.source, edge);
    add(incoming, edge.target, edge);
  }
  for (const list of incoming.values()) list.sort((a, b) => a.target_index - b.target_index);
  return { outgoing, incoming };
}

/** Everything reachable from `starts`, themselves included. */
function walk(starts: Iterable<string>, next: (id: string) => Iterable<string>): Set<string> {
  const seen = new Set(starts);
  const todo = [...seen];
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    for (const other of next(id)) {
      if (seen.has(other)) continue;
      seen.add(other);
      todo.push(other);
    }
  }
  return seen;
}

export function descendants({ outgoing }: Adjacency, starts: Iterable<string>): Set<string> {
  return walk(starts, (id) => (outgoing.get(id) ?? []).map((edge) => edge.target));
}

export function ancestors({ incoming }: Adjacency, starts: Iterable<string>): Set<string> {
  return walk(starts, (id) => (incoming.get(id) ?? []).map((edge) => edge.source));
}
