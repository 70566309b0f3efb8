// A DAG's text, read, edited and planned by the server without being stored.
import { json } from "./http";
import type { DocumentView, Edit, PlanRow, RunOptions } from "./types";

export function readDocument(source: string, signal?: AbortSignal): Promise<DocumentView> {
  return json("/documents/read", { method: "POST", json: { source }, signal });
}

export function editDocument(source: string, edits: readonly Edit[]): Promise<{ source: string; document: DocumentView }> {
  return json("/documents/edit", { method: "POST", json: { source, edits } });
}

export function planDocument(source: string, dagId: string | undefined, options?: RunOptions): Promise<{ rows: PlanRow[] }> {
  return json("/documents/plan", { method: "POST", json: { source, dag_id: dagId, options } });
}

export function fixFinding(source: string, operator: string, finding: string): Promise<{ edits: Edit[] }> {
  return json("/documents/fix", { method: "POST", json: { source, operator, finding } });
}

/** As Python that runs alone; with an operator, only that one and what it needs. */
export function documentAsPython(source: string, dagId: string, operator: string | null): Promise<{ script: string }> {
  return json("/documents/python", { method: "POST", json: { source, dag_id: dagId, operator: operator ?? undefined } });
}

/** Operators' kept results are not found again; gives those that had one. */
export function forgetResults(source: string, dagId: string, operators: readonly string[]): Promise<{ forgotten: string[] }> {
  return json("/documents/forget", { method: "POST", json: { source, dag_id: dagId, operators } });
}

export function formatDocument(source: string): Promise<{ source: string }> {
  return json("/documents/format", { method: "POST", json: { source } });
}
