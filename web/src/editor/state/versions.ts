// Keeping the document as a version, and what to do when somebody else kept another one.
import { getDag, saveDag } from "@/api/dags";
import { readDocument } from "@/api/documents";
import { Problem, Unreachable } from "@/api/problem";
import { keys, queries } from "@/api/queries";
import { complain, say } from "@/app/toasts";
import { applicable, difference } from "@/graph/difference";
import { type Step, record } from "@/graph/history";
import { EMPTY } from "@/graph/model";
import { type Inner, replaceText, t } from "./inner";
import { forgetDraft } from "./kept";
import type { EditorActions } from "./types";

type Versions = Pick<EditorActions, "save" | "rename" | "merge" | "overwrite" | "takeTheirs" | "closeConflict">;

export function versions(inner: Inner): Versions {
  const { get, set, sync, drafts } = inner;
  return {
    save: () => store(inner),
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
        replaceText(inner, "editor:step.merge", conflict.theirs, theirs);
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
      if (conflict.about === "save") await store(inner, conflict.version);
      else {
        set({ revision: conflict.revision, conflict: null });
        await drafts.put();
      }
    },
    takeTheirs: async () => {
      const { conflict } = get();
      if (!conflict) return;
      try {
        const document = await readDocument(conflict.theirs);
        set({ conflict: null, version: conflict.version, revision: conflict.revision, newer: null });
        if (conflict.about === "save") set({ saved: { source: conflict.theirs, dag: document.dag } });
        replaceText(inner, "editor:step.theirs", conflict.theirs, document);
      } catch (error) {
        complain(error);
      }
    },
    closeConflict: () => set({ conflict: null }),
    rename: async (title) => {
      set({ saving: true });
      try {
        await drafts.settled();
        await sync.settled();
        const { dagId, version, source, dag } = get();
        const answer = await saveDag(dagId, version, source, title);
        set({ title, version: answer.version, saved: { source, dag }, revision: 0 });
        void queries.invalidateQueries({ queryKey: keys.dags });
      } catch (error) {
        if (error instanceof Problem && error.status === 412) await openConflict(inner, "save");
        else complain(error);
      } finally {
        set({ saving: false });
      }
    },
  };
}

async function store(inner: Inner, overVersion?: number): Promise<void> {
  const { get, set, sync, drafts } = inner;
  set({ saving: true });
  try {
    await drafts.settled();
    await sync.settled();
    const { dagId, version, source, dag, broken } = get();
    if (broken) {
      say(t("editor:save.broken"), "bad", get().faults[0]?.message);
      return;
    }
    const answer = await saveDag(dagId, overVersion ?? version, source);
    drafts.stop();
    forgetDraft(dagId);
    set({ version: answer.version, saved: { source, dag }, revision: 0, draftSaved: true, newer: null, conflict: null });
    if (get().source !== source) drafts.changed();
    say(t("editor:save.done", { version: answer.version }), "good");
    void queries.invalidateQueries({ queryKey: keys.dags });
  } catch (error) {
    if (error instanceof Problem && error.status === 412) await openConflict(inner, "save");
    else if (error instanceof Unreachable) say(t("editor:save.unreachable"), "bad");
    else complain(error);
  } finally {
    set({ saving: false });
  }
}

export async function openConflict({ get, set }: Inner, about: "save" | "draft"): Promise<void> {
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

/** Somebody saved a newer version: shown at once where nothing was changed here, said otherwise. */
export async function catchUp({ get, set }: Inner, version: number): Promise<void> {
  const state = get();
  // One's own saving and running make versions too; their answers come with these events.
  if (state.saving || state.submitting) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    if (version <= get().version) return;
  }
  try {
    const theirs = await getDag(get().dagId);
    const now = get();
    if (theirs.version <= now.version) return;
    if (now.source !== now.saved.source || now.pending.length > 0) {
      if (theirs.source !== now.source) set({ newer: theirs.version });
      return;
    }
    const document = await readDocument(theirs.source);
    if (!document.dag || get().pending.length > 0) return;
    const step: Step = { label: "editor:step.theirs", before: now.dag, after: document.dag, edits: difference(now.dag, document.dag), inverse: difference(document.dag, now.dag) };
    set({
      version: theirs.version, saved: { source: theirs.source, dag: document.dag }, source: theirs.source, dag: document.dag,
      faults: document.faults, lint: document.lint, revision: theirs.draft?.revision ?? 0, history: record(now.history, step),
    });
    say(t("editor:newer.taken", { version: theirs.version }), "plain");
  } catch {
    // Asked again with the next change.
  }
}
