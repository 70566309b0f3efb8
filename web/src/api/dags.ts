// Stored DAGs: their versions and drafts, with the version a change was made on.
import { json, nothing, part, request } from "./http";
import type { DagDetail, DagListItem, DagVersion, Fault, Page } from "./types";

const etag = (version: number) => ({ "if-match": `"${version}"` });

export function listDags(q: string): Promise<Page<DagListItem>> {
  return json("/dags", { query: { q, limit: 1000 } });
}

export function getDag(dagId: string): Promise<DagDetail> {
  return json(`/dags/${part(dagId)}`);
}

/** Text as it stands, byte for byte; `draft` keeps one with faults. */
export function createDag(
  source: string | Blob,
  title?: string,
  draft = false,
): Promise<{ dag_id: string; title: string; version: number; warnings: Fault[] }> {
  return json("/dags", {
    method: "POST",
    query: { title, draft: draft || undefined },
    body: source,
    headers: { "content-type": "application/yaml" },
  });
}

export function saveDag(dagId: string, version: number, source: string, title?: string): Promise<{ version: number; warnings: Fault[] }> {
  return json(`/dags/${part(dagId)}`, { method: "PUT", json: { source, title }, headers: etag(version) });
}

export function saveDraft(dagId: string, revision: number, source: string): Promise<{ revision: number }> {
  return json(`/dags/${part(dagId)}/draft`, { method: "PUT", json: { source }, headers: etag(revision) });
}

export function dropDraft(dagId: string): Promise<void> {
  return nothing(`/dags/${part(dagId)}/draft`, { method: "DELETE" });
}

export function hideDag(dagId: string): Promise<void> {
  return nothing(`/dags/${part(dagId)}`, { method: "DELETE" });
}

export function listVersions(dagId: string): Promise<Page<DagVersion>> {
  return json(`/dags/${part(dagId)}/versions`, { query: { limit: 1000 } });
}

export async function versionSource(dagId: string, version: number): Promise<Blob> {
  return (await request(`/dags/${part(dagId)}/versions/${version}/source`)).blob();
}
