// The bottom panel: a host of tabs about what is selected.
import { ChevronDown, ChevronUp } from "lucide-react";
import { type PointerEvent, Suspense, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { LiveRun } from "@/api/live";
import { type Catalogue, edgeKey, operatorOf } from "@/graph/model";
import { judgesOf } from "@/graph/judges";
import { adjacency } from "@/graph/reach";
import { PANEL_TABS } from "@/panel";
import { IconButton } from "@/ui/Button";
import { Spinner } from "@/ui/Spinner";
import { Tabs } from "@/ui/Tabs";
import { Boundary } from "@/app/Boundary";
import { isJudged } from "@/results/useEvaluations";
import type { PanelProps } from "../panel";
import { isReadOnly, shownDag, useEditor } from "../state/context";
import { openTab, setPanelHeight, togglePanel, useUi } from "../state/ui";

export function usePanelProps(catalogue: Catalogue, live: LiveRun): PanelProps {
  const dag = useEditor(shownDag);
  const dagId = useEditor((state) => state.dagId);
  const runId = useEditor((state) => state.runId);
  const previousRunId = useEditor((state) => state.previousRunId);
  const selection = useEditor((state) => state.selection);
  const plan = useEditor((state) => state.plan);
  const readOnly = useEditor(isReadOnly);
  const { select, fix, showRun } = useEditor((state) => state);
  const port = useUi((state) => state.port);
  return useMemo(() => {
    const selected = [...selection.operators];
    const [only] = selected;
    const operator = selected.length === 1 && only !== undefined ? (operatorOf(dag, only) ?? null) : null;
    const edge = selected.length === 0 && selection.edges.size === 1 ? (dag.edges.find((one) => selection.edges.has(edgeKey(one))) ?? null) : null;
    const kind = operator ? (catalogue.get(operator.algo_name) ?? null) : null;
    const near = adjacency(dag);
    // An older run's curves stay while the new ones are on their way.
    const shown = (id: string) => previousRunId !== null || isJudged(live.tasks.get(id)?.outputs);
    return {
      dagId, dag, runId, previousRunId, operator, kind, edge, selected,
      task: operator ? (live.tasks.get(operator.id) ?? null) : null,
      source: edge ? { operator: edge.source, port: edge.source_index } : operator && kind && kind.outputs.length > 0 ? { operator: operator.id, port: Math.min(port, kind.outputs.length - 1) } : null,
      inputs: operator ? (near.incoming.get(operator.id) ?? []).map((one) => ({ operator: one.source, port: one.source_index, target_index: one.target_index })) : [],
      judges: judgesOf(dag, catalogue, near, selected).filter(shown),
      plan: operator ? (plan?.get(operator.id) ?? null) : null,
      choosePort: (next) => useUi.setState({ port: next }),
      selectOperator: (id) => {
        select({ operators: new Set([id]), edges: new Set() });
        useUi.getState().control?.reveal(id);
      },
      openTab,
      fix: readOnly ? null : fix,
      showRun,
    };
  }, [dag, dagId, runId, previousRunId, selection, plan, readOnly, select, fix, showRun, port, catalogue, live]);
}

const LEAST = 140;

export function Panel({ catalogue, live }: { catalogue: Catalogue; live: LiveRun }) {
  const { t } = useTranslation();
  const props = usePanelProps(catalogue, live);
  const open = useUi((state) => state.panelOpen);
  const height = useUi((state) => state.panelHeight);
  const tab = useUi((state) => state.tab);
  const start = useRef<{ y: number; height: number } | null>(null);
  const tabs = PANEL_TABS.filter((one) => one.when(props));
  if (tabs.length === 0) return null;
  const value = tabs.some((one) => one.id === tab) ? tab : (tabs[0]?.id ?? "");
  const most = Math.max(LEAST, window.innerHeight - 260);
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (!start.current) return;
    setPanelHeight(Math.min(Math.max(start.current.height + start.current.y - event.clientY, LEAST), most));
  };
  return (
    <div className="panel" style={{ height: open ? Math.min(height, most) : 36 }} data-testid="panel">
      <div
        className="panel-grip" role="separator" aria-orientation="horizontal" aria-label={t("editor:panel.resize")} tabIndex={0} aria-valuenow={Math.round(height)}
        onPointerDown={(event) => { start.current = { y: event.clientY, height }; event.currentTarget.setPointerCapture(event.pointerId); }}
        onPointerMove={drag}
        onPointerUp={() => { start.current = null; }}
        onKeyDown={(event) => {
          if (event.key === "ArrowUp") setPanelHeight(Math.min(height + 40, most));
          if (event.key === "ArrowDown") setPanelHeight(Math.max(height - 40, LEAST));
        }}
      />
      <Tabs
        label={t("editor:panel.label")} value={value} onChange={(id) => openTab(id)}
        tabs={tabs.map((one) => ({
          id: one.id,
          label: t(one.label),
          content: () => open ? <Boundary key={`${one.id} ${props.operator?.id ?? ""}`}><Suspense fallback={<div className="empty"><Spinner /></div>}><one.Component {...props} /></Suspense></Boundary> : null,
        }))}
        aside={<IconButton plain icon={open ? ChevronDown : ChevronUp} label={open ? t("editor:panel.close") : t("editor:panel.open")} onClick={togglePanel} />}
      />
    </div>
  );
}
