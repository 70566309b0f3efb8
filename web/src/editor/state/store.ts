// The editor's store: the document with its one undo stack, its text, and what is known of both.
import { createStore, type StoreApi } from "zustand/vanilla";
import { useConnection } from "@/api/connection";
import { fixFinding, readDocument } from "@/api/documents";
import { listen } from "@/api/events";
import { Unreachable } from "@/api/problem";
import type { DagModel, Edit } from "@/api/types";
import { complain, say } from "@/app/toasts";
import { EditRefused, applyEdits } from "@/graph/apply";
import { NO_HISTORY, record, redo, undo } from "@/graph/history";
import { EMPTY, sameDag } from "@/graph/model";
import { withRoom } from "@/graph/room";
import { Drafts } from "./drafts";
import { type Inner, accept, keepSelection, load, t } from "./inner";
import { running } from "./running";
import { TextSync } from "./text";
import { type EditorActions, type EditorState, type Loaded, NOTHING } from "./types";
import { useUi } from "./ui";
import { catchUp, openConflict, versions } from "./versions";

export type EditorStore = StoreApi<EditorState & EditorActions>;

const READ_AFTER_MS = 150;
/** Typing in the text within this time is one step. */
const ONE_TEXT_STEP_MS = 1_500;

/** Does what keeps running beside the store; gives what ends it. */
export function createEditor(loaded: Loaded): { store: EditorStore; dispose: () => void } {
  const first = loaded.document.dag ?? loaded.saved.dag ?? EMPTY;
  let readTimer: ReturnType<typeof setTimeout> | undefined;
  let lastTextStepMs = 0;
  let readNumber = 0;

  const get = () => store.getState();
  const set = (part: Partial<EditorState>) => store.setState(part);
  const sync = new TextSync({
    now: () => get(),
    taken: (answer, edits) => {
      const { pending, dag } = get();
      const rest = pending.slice(edits.length);
      set({ source: answer.source, pending: rest, faults: answer.document.faults, lint: answer.document.lint });
      const theirs = answer.document.dag;
      if (rest.length === 0 && theirs && !sameDag(theirs, dag)) {
        // The text has the last word: a value that it writes otherwise is shown as it is there.
        sync.remember(theirs, answer.source, answer.document);
        set({ dag: theirs });
      }
      drafts.changed();
    },
    refused: (error) => {
      if (error instanceof Unreachable) {
        drafts.keepPending();
        return;
      }
      complain(error);
      const { source } = get();
      set({ pending: [] });
      void load(inner, source);
    },
  });
  sync.remember(first, loaded.source, loaded.document);

  const drafts: Drafts = new Drafts({ get, set, conflict: () => openConflict(inner, "draft") });
  const inner: Inner = { get, set, sync, drafts };

  function go(to: DagModel, edits: readonly Edit[] | null, history: EditorState["history"]): void {
    const known = sync.recall(to);
    if (known) {
      sync.replaced();
      set({
        history, dag: to, source: known.source, pending: [], broken: false,
        ...(known.document ? { faults: known.document.faults, lint: known.document.lint } : {}),
      });
      drafts.changed();
    } else if (edits) {
      set({ history, dag: to, pending: [...get().pending, ...edits], broken: false });
      sync.push();
    }
    keepSelection(inner);
    set({ plan: null });
  }

  const store: EditorStore = createStore<EditorState & EditorActions>()(() => ({
    dagId: loaded.dagId,
    title: loaded.title,
    version: loaded.version,
    saved: loaded.saved,
    revision: loaded.revision,
    dag: first,
    history: NO_HISTORY,
    source: loaded.source,
    pending: [],
    faults: loaded.document.faults,
    lint: loaded.document.lint,
    broken: loaded.document.dag === null && loaded.source.trim() !== "",
    reading: false,
    selection: NOTHING,
    view: "canvas",
    runId: loaded.runId,
    previousRunId: null,
    runDag: null,
    submitting: false,
    plan: null,
    viewed: null,
    conflict: null,
    newer: null,
    saving: false,
    draftSaved: true,

    edit: (label, edits) => {
      const { dag, viewed, broken, history, pending } = get();
      if (edits.length === 0) return true;
      if (viewed || broken) {
        say(t(viewed ? "editor:refused.viewing" : "editor:refused.broken"), "bad");
        return false;
      }
      try {
        const { dag: after, inverse } = applyEdits(dag, edits);
        set({ dag: after, pending: [...pending, ...edits], history: record(history, { label, before: dag, after, edits, inverse }), plan: null });
      } catch (error) {
        if (!(error instanceof EditRefused)) throw error;
        say(t(`editor:refused.${error.code}`, { about: error.about }), "bad");
        return false;
      }
      keepSelection(inner);
      if (!useConnection.getState().online) drafts.keepPending();
      sync.push();
      return true;
    },
    speculate: (edits) => {
      if (!get().broken && !get().viewed) sync.speculate(edits);
    },
    undo: () => {
      const back = undo(get().history);
      if (back && !get().viewed) go(back.step.before, back.step.inverse, back.history);
    },
    redo: () => {
      const forth = redo(get().history);
      if (forth && !get().viewed) go(forth.step.after, forth.step.edits, forth.history);
    },
    select: (selection) => set({ selection: { ...get().selection, ...selection } }),
    setText: (source) => {
      if (source === get().source) return;
      sync.replaced();
      readNumber += 1;
      const number = readNumber;
      const before = get().dag;
      set({ source, pending: [], reading: true, plan: null });
      drafts.changed();
      clearTimeout(readTimer);
      readTimer = setTimeout(() => {
        readDocument(source)
          .then((document) => {
            if (number !== readNumber || get().source !== source) return;
            accept(inner, source, document);
            if (!document.dag) return;
            const { history } = get();
            const last = history.past.at(-1);
            const now = Date.now();
            if (last?.edits === null && last.label === "editor:step.text" && history.future.length === 0 && now - lastTextStepMs < ONE_TEXT_STEP_MS) {
              set({ history: { past: [...history.past.slice(0, -1), { ...last, after: document.dag }], future: [] } });
            } else {
              set({ history: record(history, { label: "editor:step.text", before, after: document.dag, edits: null, inverse: null }) });
            }
            lastTextStepMs = now;
            keepSelection(inner);
          })
          .catch(complain);
      }, READ_AFTER_MS);
    },
    text: async () => {
      await sync.settled();
      return get().source;
    },
    setView: (view) => {
      sync.push();
      set({ view });
    },
    fix: async (operator, finding) => {
      await sync.settled();
      const { edits } = await fixFinding(get().source, operator, finding);
      get().mend(edits);
    },
    mend: (edits) => {
      if (get().edit("editor:step.fix", withRoom(get().dag, edits)) && edits.some((edit) => edit.type === "add_operator")) useUi.getState().control?.fit();
    },
    ...running(inner),
    ...versions(inner),
  }));

  if (loaded.pending.length > 0) store.getState().edit("editor:step.restore", loaded.pending);

  const stopListening = listen((event) => {
    if (event.type !== "dag_changed" || event.dag_id !== loaded.dagId) return;
    const state = store.getState();
    if (event.version <= state.version) return;
    void catchUp(inner, event.version);
  });

  const stopWatching = useConnection.subscribe((state, before) => {
    if (state.returns === before.returns) return;
    const now = store.getState();
    if (now.source !== now.saved.source || now.pending.length > 0) void now.text().then(() => undefined, () => undefined);
    if (!now.draftSaved) setTimeout(() => void drafts.saveKept(), 0);
  });

  return {
    store,
    dispose: () => {
      drafts.stop();
      clearTimeout(readTimer);
      stopListening();
      stopWatching();
      const now = store.getState();
      if (!now.draftSaved && now.source !== now.saved.source) void drafts.saveKept();
    },
  };
}
