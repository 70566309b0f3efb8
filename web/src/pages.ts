// Every page there is. A page is shown once it stands here; order is that of the left bar.
import { Workflow } from "lucide-react";
import { lazy } from "react";
import type { Page } from "@/app/pages";

export const PAGES: readonly Page[] = [
  { path: "/dags", Component: lazy(() => import("@/dags/DagsPage")), nav: { icon: Workflow, label: "app:nav.dags" } },
  { path: "/dags/:dagId", Component: lazy(() => import("@/editor/EditorPage")) },
];

export const HOME = "/dags";
