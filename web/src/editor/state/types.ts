// The state of the editor of one DAG.
import type { DagModel, DocumentView, Edit, Fault, LintFinding, PlanRow, RunOptions } from "@/api/types";
import type { History } from "@/graph/history";

export interface Selection {
  operators: ReadonlySet<string>;
  /** Keys as of `edgeKey`. */
  edges: ReadonlySet<string>;
}

export const NOTHING: Selection = { operators: new Set(), edges: new Set() };

/** A past run or version on the canvas instead of the document: read only. */
export interface Viewed {
  kind: "run" | "version";
  id: string;
  dag: DagModel;
  source: string;
}

export interface Conflict {
  /** What was refused. */
  about: "save" | "draft";
  theirs: string;
  version: number;
  revision: number;
}

export interface EditorState {
  dagId: string;
  title: string;
  /** Of the saved text that the document began from; 0 where there is only a draft. */
  version: number;
  saved: { source: string; dag: DagModel | null };
  revision: number;
  dag: DagModel;
  history: History;
  /** The document's text without `pending`. */
  source: string;
  pending: readonly Edit[];
  faults: readonly Fault[];
  lint: readonly LintFinding[];
  /** The text can't be read as a DAG: the canvas shows what it last was. */
  broken: boolean;
  /** The text is ahead of what the server read. */
  reading: boolean;
  selection: Selection;
  view: "canvas" | "text";
  runId: string | null;
  previousRunId: string | null;
  /** The document that the shown run ran. */
  runDag: DagModel | null;
  submitting: boolean;
  plan: ReadonlyMap<string, PlanRow> | null;
  viewed: Viewed | null;
  conflict: Conflict | null;
  /** Somebody else saved a newer version. */
  newer: number | null;
  saving: boolean;
  draftSaved: boolean;
}

export interface EditorActions {
  /** One step of the undo stack. Null where it was refused, which is said. */
  edit: (label: string, edits: readonly Edit[]) => boolean;
  /** Prepares the text that these edits would make, so that running waits for nothing. */
  speculate: (edits: readonly Edit[]) => void;
  undo: () => void;
  redo: () => void;
  select: (selection: Partial<Selection>) => void;
  /** From the text view. */
  setText: (source: string) => void;
  /** The document's text with everything in it. */
  text: () => Promise<string>;
  setView: (view: "canvas" | "text") => void;
  save: () => Promise<void>;
  run: (options: RunOptions) => Promise<void>;
  stop: () => Promise<void>;
  makePlan: (options: RunOptions) => Promise<void>;
  clearPlan: () => void;
  /** The next run computes them again. */
  forget: (operators: readonly string[]) => Promise<void>;
  showRun: (runId: string) => void;
  viewRun: (runId: string) => Promise<void>;
  viewVersion: (version: number) => Promise<void>;
  leaveView: () => void;
  restoreViewed: () => void;
  fix: (operator: string, finding: string) => Promise<void>;
  /** Edits of a fix as one step, with room for what they add. */
  mend: (edits: readonly Edit[]) => void;
  merge: () => Promise<void>;
  overwrite: () => Promise<void>;
  takeTheirs: () => Promise<void>;
  closeConflict: () => void;
  rename: (title: string) => Promise<void>;
}

export interface Loaded {
  dagId: string;
  title: string;
  version: number;
  saved: { source: string; dag: DagModel | null };
  revision: number;
  source: string;
  document: DocumentView;
  /** Changes that no server has seen yet. */
  pending: readonly Edit[];
  runId: string | null;
  /** The run before that one. */
  previousRunId: string | null;
}
