// Addresses of pages as text: no page is needed to make or to read one.

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
