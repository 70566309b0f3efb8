// Running the document, and putting a run or a version of the past onto the canvas.
import { versionSource } from "@/api/dags";
import { forgetResults, planDocument, readDocument } from "@/api/documents";
import { begun, firstFigures, load as readRun } from "@/api/live";
import { Problem, Unreachable } from "@/api/problem";
import { cancelRun, runSource, submitRun } from "@/api/runs";
import { complain, say } from "@/app/toasts";
import { type Inner, load, replaceText, t } from "./inner";
import { type EditorActions, NOTHING } from "./types";

type Running = Pick<EditorActions, "run" | "stop" | "makePlan" | "clearPlan" | "forget" | "showRun" | "viewRun" | "viewVersion" | "leaveView" | "restoreViewed">;

export function running(inner: Inner): Running {
  const { get, set, sync, drafts } = inner;
  return {
    run: async (options) => {
      set({ submitting: true });
      try {
        // Where there is nothing to wait for, the request leaves before the page is drawn anew.
        if (drafts.isSending()) await drafts.settled();
        if (!sync.isSettled()) await sync.settled();
        const { source, dagId, dag, viewed } = get();
        if (viewed) {
          say(t("editor:refused.viewing"), "bad");
          return;
        }
        const answer = await submitRun({ source, dag_id: dagId, options });
        begun(answer, get().title);
        await firstFigures(answer.run_id);
        const before = get().runId;
        set({ runId: answer.run_id, previousRunId: before ?? get().previousRunId, runDag: dag, plan: null });
        if (answer.version !== undefined && answer.version > get().version) {
          drafts.stop();
          set({ version: answer.version, saved: { source, dag }, draftSaved: true });
          if (get().source === source) drafts.clear();
          else drafts.changed();
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
        void readRun(runId);
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
    forget: async (operators) => {
      try {
        await sync.settled();
        const { source, dagId } = get();
        const { forgotten } = await forgetResults(source, dagId, operators);
        if (forgotten.length > 0) set({ plan: null });
        say(t(forgotten.length > 0 ? "editor:run.forgotten" : "editor:run.nothingKept", { count: forgotten.length }), forgotten.length > 0 ? "good" : "plain");
      } catch (error) {
        complain(error);
      }
    },
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
      replaceText(inner, "editor:step.restore", viewed.source, known ?? { dag: viewed.dag, faults: [], lint: [] });
      void load(inner, viewed.source);
      say(t("editor:history.restored"), "good");
    },
  };
}
