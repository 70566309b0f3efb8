// One undo stack for everything: each step knows the document before and after it, and the edits between them both ways.
import type { DagModel, Edit } from "@/api/types";

export interface Step {
  /** A key of what was done, such as `editor:step.move`. */
  label: string;
  before: DagModel;
  after: DagModel;
  /** Null where the text was edited by hand: then the texts of both documents are known. */
  edits: readonly Edit[] | null;
  inverse: readonly Edit[] | null;
}

export interface History {
  past: readonly Step[];
  future: readonly Step[];
}

export const NO_HISTORY: History = { past: [], future: [] };
const MOST_STEPS = 500;

export function record(history: History, step: Step): History {
  return { past: [...history.past, step].slice(-MOST_STEPS), future: [] };
}

export function undo(history: History): { history: History; step: Step } | null {
  const step = history.past.at(-1);
  if (!step) return null;
  return { step, history: { past: history.past.slice(0, -1), future: [step, ...history.future] } };
}

export function redo(history: History): { history: History; step: Step } | null {
  const [step, ...future] = history.future;
  if (!step) return null;
  return { step, history: { past: [...history.past, step], future } };
}
