// The editor's store: the document with its one undo stack, its text, and what is known of both.
import i18next from "i18next";
import { createStore, type StoreApi } from "zustand/vanilla";
import { useConnection } from "@/api/connection";
import { saveDag, saveDraft, getDag, versionSource } from "@/api/dags";
import { fixFinding, planDocument, readDocument } from "@/api/documents";
import { listen } from "@/api/events";
import { begun } from "@/api/live";
import { Problem, Unreachable } from "@/api/problem";
import { keys, queries } from "@/api/queries";
import { cancelRun, runSource, submitRun } from "@/api/runs";
import type { DagModel, DocumentView, Edit } from "@/api/types";
import { complain, say } from "@/app/toasts";
import { EditRefused, applyEdits } from "@/graph/apply";
import { applicable, difference } from "@/graph/difference";
import { NO_HISTORY, type Step, record, redo, undo } from "@/graph/history";
import { EMPTY, edgeKey, sameDag } from "@/graph/model";
import { withRoom } from "@/graph/room";
import { forgetDraft, keepDraft } from "./kept";
import { TextSync } from "./text";
import { type EditorActions, type EditorState, type Loaded, NOTHING } from "./types";
import { useUi } from "./ui";

export type EditorStore = StoreApi<EditorState & EditorActions>;

const DRAFT_AFTER_MS = 700;
const READ_AFTER_MS = 150;
/** Typing in the text within this time is one step. */
const ONE_TEXT_STEP_MS = 1_500;

const t = (key: string, values?: Record<string, unknown>): string => i18next.t(key, values ?? {});

/** Does what keeps running beside the store; gives what ends it. */
export function createEditor(loaded: Loaded): { store: EditorStore; dispose: () => void } {
  const first = loaded.document.dag ?? loaded.saved.dag ?? EMPTY;
  let draftTimer: ReturnType<typeof setTimeout> | undefined;
  let readTimer: ReturnType<typeof setTimeout> | undefined;
  let savingDraft: Promise<void> | null = null;
  let lastTextStepMs = 0;
  let readNumber = 0;

  const store: EditorStore = createStore<EditorState & EditorActions>()((set, get) => {
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
        changed();
      },
      refused: (error) => {
        if (error instanceof Unreachable) {
          keepPending();
          return;
        }
        complain(error);
        const { source } = get();
        set({ pending: [] });
        void load(source);
      },
    });
    sync.remember(first, loaded.source, loaded.document);

    /** The text changed: it is kept here at once and with the server soon. */
    function changed(): void {
      const { source, dagId, version } = get();
      keepDraft(dagId, { source, pending: [], version, at_ms: Date.now() });
      set({ draftSaved: false });
      clearTimeout(draftTimer);
      draftTimer = setTimeout(() => void putDraft(), DRAFT_AFTER_MS);
    }

    /** Without a server, changes can't become text: they are kept beside it. */
    function keepPending(): void {
      const { source, pending, dagId, version } = get();
      keepDraft(dagId, { source, pending, version, at_ms: Date.now() });
    }

    /** Running and saving clear the draft, and its revision with it: they and a draft on its way wait for each other. */
    async function putDraft(): Promise<void> {
      const { submitting, saving } = get();
      if (savingDraft || submitting || saving) {
        clearTimeout(draftTimer);
        draftTimer = setTimeout(() => void putDraft(), DRAFT_AFTER_MS);
        return;
      }
      savingDraft = sendDraft().finally(() => { savingDraft = null; });
      await savingDraft;
    }

    async function sendDraft(): Promise<void> {
      const { dagId, source, revision, saved, conflict } = get();
      if (conflict || (source === saved.source && revision === 0)) return;
      try {
        const answer = await saveDraft(dagId, revision, source);
        set({ revision: answer.revision, draftSaved: get().source === source });
        if (get().source === source) forgetDraft(dagId);
      } catch (error) {
        if (error instanceof Problem && error.status === 412) await openConflict("draft");
        else complain(error);
      }
    }

    async function openConflict(about: "save" | "draft"): Promise<void> {
      try {
        const theirs = await getDag(get().dagId);
        const newer = theirs.draft && about === "draft" ? theirs.draft.source : theirs.source;
        if (newer === get().source) {
          // The other side came to the same text: nothing to ask.
          set({ version: theirs.version, revision: theirs.draft?.revision ?? 0, saved: { source: theirs.source, dag: get().saved.dag } });
          return;
        }
        set({ conflict: { about, theirs: newer, version: theirs.version, revision: theirs.draft?.revision ?? 0 } });
      } catch (error) {
        complain(error);
      }
    }

    /** Shows a text as the document, beside the undo stack. */
    async function load(source: string): Promise<void> {
      try {
        const document = await readDocument(source);
        accept(source, document);
      } catch (error) {
        complain(error);
      }
    }

    function accept(source: string, document: DocumentView): void {
      sync.replaced();
      const dag = document.dag ?? get().dag;
      if (document.dag) sync.remember(document.dag, source, document);
      set({ source, pending: [], dag, faults: document.faults, lint: document.lint, broken: document.dag === null, reading: false });
    }

    /** A step whose texts are known on both sides. */
    function replaceText(label: string, source: string, document: DocumentView): void {
      const before = get().dag;
      accept(source, document);
      if (document.dag) set({ history: record(get().history, { label, before, after: document.dag, edits: null, inverse: null }) });
      keepSelection();
      changed();
    }

    function keepSelection(): void {
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

    function go(to: DagModel, edits: readonly Edit[] | null, history: EditorState["history"]): void {
      const known = sync.recall(to);
      if (known) {
        sync.replaced();
        set({
          history, dag: to, source: known.source, pending: [], broken: false,
          ...(known.document ? { faults: known.document.faults, lint: known.document.lint } : {}),
        });
        changed();
      } else if (edits) {
        set({ history, dag: to, pending: [...get().pending, ...edits], broken: false });
        sync.push();
      }
      keepSelection();
      set({ plan: null });
    }

    async function store_(overVersion?: number): Promise<void> {
      set({ saving: true });
      try {
        await savingDraft;
        await sync.settled();
        const { dagId, version, source, dag, broken } = get();
        if (broken) {
          say(t("editor:save.broken"), "bad", get().faults[0]?.message);
          return;
        }
        const answer = await saveDag(dagId, overVersion ?? version, source);
        clearTimeout(draftTimer);
        forgetDraft(dagId);
        set({ version: answer.version, saved: { source, dag }, revision: 0, draftSaved: true, newer: null, conflict: null });
        if (get().source !== source) changed();
        say(t("editor:save.done", { version: answer.version }), "good");
        void queries.invalidateQueries({ queryKey: keys.dags });
      } catch (error) {
        if (error instanceof Problem && error.status === 412) await openConflict("save");
        else if (error instanceof Unreachable) say(t("editor:save.unreachable"), "bad");
        else complain(error);
      } finally {
        set({ saving: false });
      }
    }

    return {
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
        keepSelection();
        if (!useConnection.getState().online) keepPending();
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
        changed();
        clearTimeout(readTimer);
        readTimer = setTimeout(() => {
          readDocument(source)
            .then((document) => {
              if (number !== readNumber || get().source !== source) return;
              accept(source, document);
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
              keepSelection();
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
      save: () => store_(),
      run: async (options) => {
        set({ submitting: true });
        try {
          await savingDraft;
          await sync.settled();
          const { source, dagId, dag, viewed } = get();
          if (viewed) {
            say(t("editor:refused.viewing"), "bad");
            return;
          }
          const answer = await submitRun({ source, dag_id: dagId, options });
          const before = get().runId;
          set({ runId: answer.run_id, previousRunId: before ?? get().previousRunId, runDag: dag, plan: null });
          begun(answer.run_id);
          if (answer.version !== undefined && answer.version > get().version) {
            clearTimeout(draftTimer);
            set({ version: answer.version, saved: { source, dag }, revision: 0, draftSaved: true });
            if (get().source === source) forgetDraft(dagId);
            else changed();
          }
        } catch (error) {
          if (error instanceof Unreachable) say(t("editor:run.unreachable"), "bad");
          else complain(error);
          if (error instanceof Problem && error.faults.length > 0) set({ faults: error.faults });
        } finally {
          set({ submitting: false });
        }
      },
      stop: async () => {
        const { runId } = get();
        if (!runId) return;
        try {
          await cancelRun(runId);
          begun(runId);
        } catch (error) {
          complain(error);
        }
      },
      makePlan: async (options) => {
        try {
          await sync.settled();
          const { source, dagId } = get();
          const { rows } = await planDocument(source, dagId, options);
          set({ plan: new Map(rows.map((row) => [row.id, row])) });
        } catch (error) {
          complain(error);
        }
      },
      clearPlan: () => set({ plan: null }),
      showRun: (runId) => {
        const before = get().runId;
        if (before === runId) return;
        set({ runId, previousRunId: before, runDag: null });
        void runSource(runId)
          .then((source) => readDocument(source))
          .then((document) => {
            if (get().runId === runId) set({ runDag: document.dag });
          })
          .catch(complain);
      },
      viewRun: async (runId) => {
        try {
          const source = await runSource(runId);
          const document = await readDocument(source);
          if (!document.dag) return;
          const before = get().runId;
          set({ viewed: { kind: "run", id: runId, dag: document.dag, source }, runId, previousRunId: before, runDag: document.dag, selection: NOTHING, plan: null, view: "canvas" });
        } catch (error) {
          complain(error);
        }
      },
      viewVersion: async (version) => {
        try {
          const source = await (await versionSource(get().dagId, version)).text();
          const document = await readDocument(source);
          if (!document.dag) return;
          set({ viewed: { kind: "version", id: String(version), dag: document.dag, source }, selection: NOTHING, plan: null, view: "canvas" });
        } catch (error) {
          complain(error);
        }
      },
      leaveView: () => {
        const { viewed, previousRunId } = get();
        if (!viewed) return;
        set({ viewed: null, selection: NOTHING });
        if (viewed.kind === "run" && previousRunId) get().showRun(previousRunId);
      },
      restoreViewed: () => {
        const { viewed } = get();
        if (!viewed) return;
        set({ viewed: null });
        const known = sync.recall(viewed.dag)?.document;
        replaceText("editor:step.restore", viewed.source, known ?? { dag: viewed.dag, faults: [], lint: [] });
        void load(viewed.source);
        say(t("editor:history.restored"), "good");
      },
      fix: async (operator, finding) => {
        await sync.settled();
        const { edits } = await fixFinding(get().source, operator, finding);
        get().mend(edits);
      },
      mend: (edits) => {
        if (get().edit("editor:step.fix", withRoom(get().dag, edits)) && edits.some((edit) => edit.type === "add_operator")) useUi.getState().control?.fit();
      },
      merge: async () => {
        const { conflict, saved, dag } = get();
        if (!conflict) return;
        try {
          const theirs = await readDocument(conflict.theirs);
          const base = saved.dag ?? (await readDocument(saved.source)).dag ?? EMPTY;
          if (!theirs.dag) {
            say(t("editor:conflict.unreadable"), "bad");
            return;
          }
          const merged = applicable(theirs.dag, difference(base, dag));
          replaceText("editor:step.merge", conflict.theirs, theirs);
          set({ version: conflict.version, revision: conflict.revision, conflict: null, newer: null });
          if (conflict.about === "save") set({ saved: { source: conflict.theirs, dag: theirs.dag } });
          get().edit("editor:step.merge", merged.edits);
          say(t("editor:conflict.merged", { count: merged.edits.length, refused: merged.refused }), merged.refused > 0 ? "bad" : "good");
        } catch (error) {
          complain(error);
        }
      },
      overwrite: async () => {
        const { conflict } = get();
        if (!conflict) return;
        if (conflict.about === "save") await store_(conflict.version);
        else {
          set({ revision: conflict.revision, conflict: null });
          await putDraft();
        }
      },
      takeTheirs: async () => {
        const { conflict } = get();
        if (!conflict) return;
        try {
          const document = await readDocument(conflict.theirs);
          set({ conflict: null, version: conflict.version, revision: conflict.revision, newer: null });
          if (conflict.about === "save") set({ saved: { source: conflict.theirs, dag: document.dag } });
          replaceText("editor:step.theirs", conflict.theirs, document);
        } catch (error) {
          complain(error);
        }
      },
      closeConflict: () => set({ conflict: null }),
      rename: async (title) => {
        set({ saving: true });
        try {
          await savingDraft;
          await sync.settled();
          const { dagId, version, source, dag } = get();
          const answer = await saveDag(dagId, version, source, title);
          set({ title, version: answer.version, saved: { source, dag }, revision: 0 });
          void queries.invalidateQueries({ queryKey: keys.dags });
        } catch (error) {
          if (error instanceof Problem && error.status === 412) await openConflict("save");
          else complain(error);
        } finally {
          set({ saving: false });
        }
      },
    };
  });

  if (loaded.pending.length > 0) store.getState().edit("editor:step.restore", loaded.pending);

  const stopListening = listen((event) => {
    if (event.type !== "dag_changed" || event.dag_id !== loaded.dagId) return;
    const state = store.getState();
    if (event.version <= state.version) return;
    void catchUp(event.version);
  });

  /** Somebody saved a newer version: shown at once where nothing was changed here, said otherwise. */
  async function catchUp(version: number): Promise<void> {
    const state = store.getState();
    // One's own saving and running make versions too; their answers come with these events.
    if (state.saving || state.submitting) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      if (version <= store.getState().version) return;
    }
    try {
      const theirs = await getDag(loaded.dagId);
      const now = store.getState();
      if (theirs.version <= now.version) return;
      if (now.source !== now.saved.source || now.pending.length > 0) {
        if (theirs.source !== now.source) store.setState({ newer: theirs.version });
        return;
      }
      const document = await readDocument(theirs.source);
      if (!document.dag || store.getState().pending.length > 0) return;
      const step: Step = { label: "editor:step.theirs", before: now.dag, after: document.dag, edits: difference(now.dag, document.dag), inverse: difference(document.dag, now.dag) };
      store.setState({
        version: theirs.version, saved: { source: theirs.source, dag: document.dag }, source: theirs.source, dag: document.dag,
        faults: document.faults, lint: document.lint, revision: theirs.draft?.revision ?? 0, history: record(now.history, step),
      });
      say(t("editor:newer.taken", { version: theirs.version }), "plain");
    } catch {
      // Asked again with the next change.
    }
  }

  const stopWatching = useConnection.subscribe((state, before) => {
    if (state.returns === before.returns) return;
    const now = store.getState();
    if (now.source !== now.saved.source || now.pending.length > 0) void now.text().then(() => undefined, () => undefined);
    if (!now.draftSaved) draftTimer = setTimeout(() => void saveKept(), 0);
  });

  async function saveKept(): Promise<void> {
    const now = store.getState();
    try {
      const answer = await saveDraft(now.dagId, now.revision, now.source);
      store.setState({ revision: answer.revision, draftSaved: true });
      forgetDraft(now.dagId);
    } catch {
      // The next change tries again.
    }
  }

  return {
    store,
    dispose: () => {
      clearTimeout(draftTimer);
      clearTimeout(readTimer);
      stopListening();
      stopWatching();
      const now = store.getState();
      if (!now.draftSaved && now.source !== now.saved.source) void saveKept();
    },
  };
}
