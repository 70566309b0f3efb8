// What the bottom panel of the editor gives its tabs. The tabs themselves are listed in `src/panel.ts`.
import type { ComponentType, LazyExoticComponent } from "react";
import type { LiveTask } from "@/api/live";
import type { DagModel, EdgeModel, OperatorKind, OperatorModel, PlanRow } from "@/api/types";

/** Where a table, a model or figures come from in the shown run. */
export interface Source {
  operator: string;
  port: number;
}

export interface PanelProps {
  dagId: string;
  dag: DagModel;
  /** The run whose states and results are shown; null before the first. */
  runId: string | null;
  /** The run shown before this one, for comparing. */
  previousRunId: string | null;
  /** The selected operator; none where nothing, an edge or several are selected. */
  operator: OperatorModel | null;
  kind: OperatorKind | null;
  /** What became of it in the shown run. */
  task: LiveTask | null;
  /** The selected edge. */
  edge: EdgeModel | null;
  /** What the selection is about: the edge's source, or the operator's chosen output. */
  source: Source | null;
  /** Where the operator's inputs come from, in port order. */
  inputs: readonly (Source & { target_index: number })[];
  /** Every selected operator, for charts that overlay several models. */
  selected: readonly string[];
  /** Whose evaluations are about the selection: its own, or those of what follows from the one operator. */
  judges: readonly string[];
  plan: PlanRow | null;
  choosePort: (port: number) => void;
  selectOperator: (id: string) => void;
  openTab: (id: string) => void;
  /** Applies the edits that mend a finding of an evaluation (`POST /documents/fix`) as one step; rejects where there are none. Null where the canvas is read-only. */
  fix: ((operator: string, finding: string) => Promise<void>) | null;
  /** Puts another run's states and results on the canvas. */
  showRun: (runId: string) => void;
}

export interface PanelTab {
  id: string;
  /** A key such as `panel:preview`. */
  label: string;
  /** Whether there is anything to show; a tab without content isn't there. */
  when: (props: PanelProps) => boolean;
  Component: LazyExoticComponent<ComponentType<PanelProps>>;
}
