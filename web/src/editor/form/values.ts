// Between what stands in a field and the value it means.
import type { ParamSpec } from "@/api/types";
import { equal } from "@/graph/model";

/** As it stands in a field of text. */
export function toText(spec: ParamSpec, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return needsQuotes(spec, value) ? JSON.stringify(value) : value;
  if (Array.isArray(value) && value.every((item) => typeof item !== "object")) return spec.kind === "list" ? value.map((item) => (typeof item === "string" ? item : JSON.stringify(item))).join(", ") : JSON.stringify(value);
  return JSON.stringify(value);
}

/** A text that would read as something else than itself where anything goes. */
function needsQuotes(spec: ParamSpec, value: string): boolean {
  if (spec.kind !== "any" && spec.kind !== "dataset") return false;
  return value.trim() !== value || typeof scalar(value) !== "string";
}

/** What a text in a field means; undefined takes the parameter away. */
export function fromText(spec: ParamSpec, text: string): unknown {
  const trimmed = text.trim();
  switch (spec.kind) {
    case "string":
    case "code":
      return text === "" ? undefined : text;
    case "path":
    case "column":
      return trimmed === "" ? undefined : trimmed;
    case "integer":
    case "number": {
      if (trimmed === "") return undefined;
      const number = Number(trimmed);
      if (Number.isFinite(number)) return number;
      const choice = (spec.choices ?? []).find((one) => one === trimmed);
      return choice ?? trimmed;
    }
    case "list": {
      if (trimmed === "") return undefined;
      if (trimmed.startsWith("[")) return parsed(trimmed);
      return trimmed.split(/[,，]/).map((item) => item.trim()).filter(Boolean).map(scalar);
    }
    case "map":
      return trimmed === "" ? undefined : parsed(trimmed);
    default:
      return trimmed === "" ? undefined : scalar(trimmed);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Left as it is: the check says what is wrong with it.
    return text;
  }
}

function scalar(text: string): unknown {
  if (text === "true") return true;
  if (text === "false") return false;
  if (text === "null") return null;
  if (/^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) return Number(text);
  if (/^["[{]/.test(text)) return parsed(text);
  return text;
}

export function isDefault(spec: ParamSpec, value: unknown): boolean {
  return value === undefined || equal(value, spec.default ?? null);
}
