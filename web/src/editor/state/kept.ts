// The draft as this browser keeps it, for as long as the server hasn't taken it: a dead server loses nothing.
import type { Edit } from "@/api/types";
import { forget, recall, remember } from "@/app/remembered";

export interface KeptDraft {
  source: string;
  /** Changes that didn't come to be text, the server being away. */
  pending: readonly Edit[];
  /** What it was a change of. */
  version: number;
  at_ms: number;
}

const key = (dagId: string) => `draft.${dagId}`;

export function keepDraft(dagId: string, draft: KeptDraft): void {
  remember(key(dagId), JSON.stringify(draft));
}

export function keptDraft(dagId: string): KeptDraft | null {
  const text = recall(key(dagId));
  if (!text) return null;
  try {
    const read = JSON.parse(text) as Partial<KeptDraft>;
    if (typeof read.source !== "string" || typeof read.version !== "number" || typeof read.at_ms !== "number") return null;
    return { source: read.source, version: read.version, at_ms: read.at_ms, pending: Array.isArray(read.pending) ? read.pending : [] };
  } catch {
    return null;
  }
}

export function forgetDraft(dagId: string): void {
  forget(key(dagId));
}
