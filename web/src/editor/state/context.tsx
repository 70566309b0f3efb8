// The editor's store for the components below the page.
import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { DagModel } from "@/api/types";
import type { EditorStore } from "./store";
import type { EditorActions, EditorState } from "./types";

export const EditorContext = createContext<EditorStore | null>(null);

export function useEditorStore(): EditorStore {
  const store = useContext(EditorContext);
  if (!store) throw new Error("outside of the editor");
  return store;
}

export function useEditor<T>(select: (state: EditorState & EditorActions) => T): T {
  return useStore(useEditorStore(), select);
}

/** What the canvas shows: the document, or what is viewed of the past. */
export function shownDag(state: EditorState): DagModel {
  return state.viewed?.dag ?? state.dag;
}

export function isDirty(state: EditorState): boolean {
  return state.pending.length > 0 || state.source !== state.saved.source;
}

export function isReadOnly(state: EditorState): boolean {
  return state.viewed !== null || state.broken;
}
