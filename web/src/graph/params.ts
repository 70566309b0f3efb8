// Whether a value is allowed for a parameter, said while it is typed. The server's rules (`accept`), which has the last word.
import type { ParamSpec } from "@/api/types";
import { equal } from "./model";

export type ParamFault =
  | { code: "required" }
  | { code: "null" }
  | { code: "integer" }
  | { code: "number" }
  | { code: "boolean" }
  | { code: "string" }
  | { code: "column" }
  | { code: "columns" }
  | { code: "list" }
  | { code: "map" }
  | { code: "choice"; allowed: string }
  | { code: "range"; bounds: Bound[] }
  | { code: "items"; least: number };

export interface Bound {
  word: "at_least" | "above" | "at_most" | "below";
  value: number;
}

/** Null where the value is fine. `undefined` is a parameter that isn't given. */
export function checkParam(spec: ParamSpec, value: unknown): ParamFault | null {
  if (value === undefined) return spec.required ? { code: "required" } : null;
  if (spec.legacy) return typeof value === "object" && value !== null ? { code: "string" } : null;
  if (value === null) {
    const allowed = spec.nullable || (!spec.required && (spec.default ?? null) === null) || chosen(spec, null);
    return allowed ? null : { code: "null" };
  }
  const fault = ofKind(spec.kind, spec, value);
  return fault && spec.kind !== "choice" && chosen(spec, value) ? null : fault;
}

function chosen(spec: ParamSpec, value: unknown): boolean {
  return (spec.choices ?? []).some((choice) => equal(choice, value));
}

function ofKind(kind: string, spec: ParamSpec, value: unknown): ParamFault | null {
  switch (kind) {
    case "integer":
      return typeof value === "number" && Number.isInteger(value) ? inRange(spec, value) : { code: "integer" };
    case "number":
      return typeof value === "number" && Number.isFinite(value) ? inRange(spec, value) : { code: "number" };
    case "boolean":
      return typeof value === "boolean" ? null : { code: "boolean" };
    case "string":
    case "code":
      return typeof value === "string" ? null : { code: "string" };
    case "path":
      return typeof value === "string" && value !== "" ? null : { code: "string" };
    case "dataset":
      return (typeof value === "string" && value !== "") || (typeof value === "number" && Number.isInteger(value)) ? null : { code: "string" };
    case "column":
      return isColumn(value) ? null : { code: "column" };
    case "columns": {
      if (isColumn(value)) return null;
      if (!Array.isArray(value) || !value.every(isColumn)) return { code: "columns" };
      return enough(spec, value.length, 1);
    }
    case "choice":
      return chosen(spec, value) ? null : { code: "choice", allowed: (spec.choices ?? []).map((choice) => JSON.stringify(choice)).join(", ") };
    case "list": {
      if (!Array.isArray(value)) return { code: "list" };
      const few = enough(spec, value.length, 0);
      if (few || !spec.items || spec.items === "any") return few;
      for (const item of value) {
        const fault = ofKind(spec.items, { ...spec, kind: spec.items as ParamSpec["kind"] }, item);
        if (fault) return fault;
      }
      return null;
    }
    case "map":
      return typeof value === "object" && !Array.isArray(value) ? null : { code: "map" };
    default:
      return null;
  }
}

function isColumn(value: unknown): boolean {
  return (typeof value === "string" && value !== "") || (typeof value === "number" && Number.isInteger(value));
}

function inRange(spec: ParamSpec, value: number): ParamFault | null {
  const bounds: Bound[] = [];
  const add = (word: Bound["word"], bound: number | undefined | null) => {
    if (bound !== undefined && bound !== null) bounds.push({ word, value: bound });
  };
  add("at_least", spec.minimum);
  add("above", spec.exclusive_minimum);
  add("at_most", spec.maximum);
  add("below", spec.exclusive_maximum);
  const holds = bounds.every(({ word, value: bound }) =>
    word === "at_least" ? value >= bound : word === "above" ? value > bound : word === "at_most" ? value <= bound : value < bound,
  );
  return holds ? null : { code: "range", bounds };
}

function enough(spec: ParamSpec, found: number, least: number): ParamFault | null {
  const needed = spec.min_items ?? least;
  return found >= needed ? null : { code: "items", least: needed };
}
