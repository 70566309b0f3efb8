// What the parts of the editor's store share: its state, the document's text, its drafts, and replacing the whole document.
import i18next from "i18next";
import { readDocument } from "@/api/documents";
import type { DocumentView } from "@/api/types";
import { complain } from "@/app/toasts";
import { record } from "@/graph/history";
import { edgeKey } from "@/graph/model";
import type { Drafts } from "./drafts";
import type { TextSync } from "./text";
import type { EditorActions, EditorState } from "./types";

export interface Inner {
  get: () => EditorState & EditorActions;
  set: (part: Partial<EditorState>) => void;
  sync: TextSync;
  drafts: Drafts;
}

export const t = (key: string, values?: Record<string, unknown>): string => i18next.t(key, values ?? {});

/** Shows a text as the document, beside the undo stack. */
export async function load(inner: Inner, source: string): Promise<void> {
  try {
    accept(inner, source, await readDocument(source));
  } catch (error) {
    complain(error);
  }
}

export function accept({ get, set, sync }: Inner, source: string, document: DocumentView): void {
  sync.replaced();
  const dag = document.dag ?? get().dag;
  if (document.dag) sync.remember(document.dag, source, document);
  set({ source, pending: [], dag, faults: document.faults, lint: document.lint, broken: document.dag === null, reading: false });
}

/** A step whose texts are known on both sides. */
export function replaceText(inner: Inner, label: string, source: string, document: DocumentView): void {
  const { get, set } = inner;
  const before = get().dag;
  accept(inner, source, document);
  if (document.dag) set({ history: record(get().history, { label, before, after: document.dag, edits: null, inverse: null }) });
  keepSelection(inner);
  inner.drafts.changed();
}

/** What is gone isn't selected any more. */
export function keepSelection({ get, set }: Inner): void {
  const { dag, selection } = get();
  if (selection.operators.size === 0 && selection.edges.size === 0) return;
  const ids = new Set(dag.operators.map((operator) => operator.id));
  const edges = new Set(dag.edges.map(edgeKey));
  set({
    selection: {
      operators: new Set([...selection.operators].filter((id) => ids.has(id))),
      edges: new Set([...selection.edges].filter((key) => edges.has(key))),
    },
  });
}
