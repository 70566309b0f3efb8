// Models behind endpoints.
import { json, nothing, part } from "./http";
import type { ServiceView } from "./types";

export function listServices(): Promise<{ items: ServiceView[] }> {
  return json("/services");
}

/** Answers once the version does; what was served before is served until then. */
export function deployService(name: string, model: string, version: number): Promise<ServiceView> {
  return json(`/services/${part(name)}`, { method: "PUT", json: { model, version } });
}

export function rollBackService(name: string): Promise<ServiceView> {
  return json(`/services/${part(name)}/roll-back`, { method: "POST" });
}

export function removeService(name: string): Promise<void> {
  return nothing(`/services/${part(name)}`, { method: "DELETE" });
}
