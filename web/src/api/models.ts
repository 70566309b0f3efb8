// Registered models and their versions.
import { json, nothing, part } from "./http";
import type { AliasView, ModelComparison } from "./types";

export interface ModelVersion {
  name: string;
  version: number;
  /** Names that stand for this version now. */
  aliases: string[];
  run_id: string;
  /** Empty where the run's DAG can't be read any more. */
  operator: string;
  created_at_ms: number;
  bytes: number;
  /** Its file is still there. */
  present: boolean;
  metrics: Record<string, unknown>;
  manifest: unknown;
}

/** The newest version of each. */
export function listModels(): Promise<{ items: ModelVersion[] }> {
  return json("/models");
}

/** Newest first. */
export function modelVersions(name: string): Promise<{ items: ModelVersion[] }> {
  return json(`/models/${part(name)}`);
}

export function modelAddress(name: string, version: number): string {
  return `/api/v1/models/${part(name)}/versions/${version}/download`;
}

/** The page itself: opened, not read here. */
export function cardAddress(name: string, version: number, language: string): string {
  return `/api/v1/models/${part(name)}/versions/${version}/card?lang=${language}`;
}

/** Sets an alias, or moves it from the version it stood for. */
export function setAlias(name: string, alias: string, version: number): Promise<AliasView> {
  return json(`/models/${part(name)}/aliases/${part(alias)}`, { method: "PUT", json: { version } });
}

export function removeAlias(name: string, alias: string): Promise<void> {
  return nothing(`/models/${part(name)}/aliases/${part(alias)}`, { method: "DELETE" });
}

/** `versions`: numbers or aliases; differences are those from the first one. */
export function compareModels(name: string, versions: string): Promise<ModelComparison> {
  return json(`/models/${part(name)}/compare`, { query: { versions } });
}
