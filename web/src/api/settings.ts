// What this installation is: version, interpreter, executors, limits.
import { json } from "./http";

export interface Settings {
  version: string;
  isolation: string;
  python: { version: string; path: string; why: string };
  home: string;
  executors: { name: string; slots: number; isolation: string; default: boolean; state: "ready" | "waiting"; why?: string }[];
  data_roots: string[];
  webhook_hosts: string[];
}

export function getSettings(): Promise<Settings> {
  return json("/settings");
}
