// Registered models and their versions.
import { json, part } from "./http";

export interface ModelVersion {
  name: string;
  version: number;
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
