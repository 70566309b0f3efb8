// An operator's fields beside its parameters: between the words of an edit, which are those of the YAML, and the model.
import type { OperatorField, OperatorModel } from "@/api/types";
import { parseDurationMs, parseMemoryBytes, writeDuration, writeMemory } from "./quantities";

interface Resources {
  cpu?: number;
  memory?: string | number;
  gpu?: number;
}

/** The field as YAML would have it; null where it isn't set. */
export function fieldOf(operator: OperatorModel, field: OperatorField): unknown {
  switch (field) {
    case "retry_delay":
      return operator.retry_delay_ms === undefined ? null : writeDuration(operator.retry_delay_ms);
    case "timeout":
      return operator.timeout_ms === undefined ? null : writeDuration(operator.timeout_ms);
    case "resources":
      return resourcesOf(operator);
    case "disabled":
      return operator.disabled ? true : null;
    default:
      return operator[field] ?? null;
  }
}

/** Python requirements from one line: a comma before a version or within brackets belongs to one of them. */
export function requirementsOf(text: string): string[] {
  return text.split(/,(?![^[]*\])\s*(?=[A-Za-z0-9])/).map((one) => one.replace(/[\s,]+$/, "").trim()).filter((one) => one !== "");
}

function resourcesOf(operator: OperatorModel): Resources | null {
  const given = operator.resources;
  if (!given) return null;
  const { cpu, memory_bytes, gpu } = given;
  const written: Resources = {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory_bytes === undefined ? {} : { memory: writeMemory(memory_bytes) }),
    ...(gpu === undefined ? {} : { gpu }),
  };
  return Object.keys(written).length > 0 ? written : null;
}

/** The operator with the field set; undefined where the value isn't one. */
export function withField(operator: OperatorModel, field: OperatorField, value: unknown): OperatorModel | undefined {
  const next = { ...operator };
  switch (field) {
    case "retry_delay":
    case "timeout": {
      const name = field === "timeout" ? "timeout_ms" : "retry_delay_ms";
      if (value === null) delete next[name];
      else {
        const ms = parseDurationMs(value);
        if (ms === null) return undefined;
        next[name] = ms;
      }
      return next;
    }
    case "resources": {
      if (value === null) {
        delete next.resources;
        return next;
      }
      if (typeof value !== "object") return undefined;
      const given = value as Resources;
      const bytes = given.memory === undefined || given.memory === null ? undefined : parseMemoryBytes(given.memory);
      if (bytes === null) return undefined;
      next.resources = {
        ...(given.cpu === undefined ? {} : { cpu: given.cpu }),
        ...(bytes === undefined ? {} : { memory_bytes: bytes }),
        ...(given.gpu === undefined ? {} : { gpu: given.gpu }),
      };
      return next;
    }
    case "disabled":
      if (value !== null && typeof value !== "boolean") return undefined;
      next.disabled = value === true;
      return next;
    default:
      if (value === null) delete next[field];
      else Object.assign(next, { [field]: value });
      return next;
  }
}
