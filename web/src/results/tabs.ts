// The tabs of the editor's bottom panel that show what a run gave.
import { lazy } from "react";
import type { PanelTab } from "@/editor/panel";

export const RESULT_TABS: readonly PanelTab[] = [
  {
    id: "preview",
    label: "results:tab.preview",
    when: ({ runId, source, inputs }) => runId !== null && (source !== null || inputs.length > 0),
    Component: lazy(() => import("./PreviewTab")),
  },
  {
    id: "statistics",
    label: "results:tab.statistics",
    when: ({ runId, source }) => runId !== null && source !== null,
    Component: lazy(() => import("./StatisticsTab")),
  },
  {
    id: "charts",
    label: "results:tab.charts",
    when: ({ runId, judges }) => runId !== null && judges.length > 0,
    Component: lazy(() => import("./ChartsTab")),
  },
  {
    id: "log",
    label: "results:tab.log",
    when: ({ runId, operator, task }) => runId !== null && operator !== null && task !== null,
    Component: lazy(() => import("./LogTab")),
  },
  {
    id: "why",
    label: "results:tab.why",
    when: ({ operator, task, plan }) => operator !== null && (task !== null || plan !== null),
    Component: lazy(() => import("./WhyTab")),
  },
];
