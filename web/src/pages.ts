// Every page there is. A page is shown once it stands here; order is that of the left bar.
import { Box, CalendarClock, Database, History, Rocket, Settings, Workflow } from "lucide-react";
import { lazy } from "react";
import type { Page } from "@/app/pages";

export const PAGES: readonly Page[] = [
  { path: "/dags", Component: lazy(() => import("@/dags/DagsPage")), nav: { icon: Workflow, label: "app:nav.dags" } },
  { path: "/dags/:dagId", Component: lazy(() => import("@/editor/EditorPage")) },
  { path: "/runs", Component: lazy(() => import("@/runs/RunsPage")), nav: { icon: History, label: "app:nav.runs" } },
  { path: "/runs/:runId", Component: lazy(() => import("@/runs/RunPage")) },
  { path: "/schedules", Component: lazy(() => import("@/schedules/SchedulesPage")), nav: { icon: CalendarClock, label: "app:nav.schedules" } },
  { path: "/compare/:before/:after", Component: lazy(() => import("@/compare/ComparePage")) },
  { path: "/datasets", Component: lazy(() => import("@/datasets/DatasetsPage")), nav: { icon: Database, label: "app:nav.datasets" } },
  { path: "/datasets/:datasetId", Component: lazy(() => import("@/datasets/DatasetPage")) },
  { path: "/models", Component: lazy(() => import("@/models/ModelsPage")), nav: { icon: Box, label: "app:nav.models" } },
  { path: "/models/:name", Component: lazy(() => import("@/models/ModelsPage")) },
  { path: "/models/:name/compare", Component: lazy(() => import("@/models/ComparePage")) },
  { path: "/services", Component: lazy(() => import("@/services/ServicesPage")), nav: { icon: Rocket, label: "app:nav.services" } },
  { path: "/settings", Component: lazy(() => import("@/settings/SettingsPage")), nav: { icon: Settings, label: "app:nav.settings" } },
];

export const HOME = "/dags";
