// Pipelines to begin with; the server makes their sample datasets.
import { json, part } from "./http";
import type { Bilingual } from "./types";

export interface Template {
  id: string;
  title: Bilingual;
  description: Bilingual;
  /** How many. */
  operators: number;
  /** The sample dataset that it reads. */
  needs_dataset?: string;
}

export function listTemplates(): Promise<{ items: Template[] }> {
  return json("/templates");
}

/** Makes a DAG of it, and its sample dataset where that isn't there. */
export function takeTemplate(id: string): Promise<{ dag_id: string }> {
  return json(`/templates/${part(id)}`, { method: "POST" });
}
