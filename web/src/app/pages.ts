// What a page of the table in `src/pages.ts` is.
import type { ComponentType, LazyExoticComponent } from "react";
import type { LucideIcon } from "lucide-react";
import type { Params } from "./router";

export interface PageProps {
  params: Params;
  query: URLSearchParams;
}

export interface Page {
  /** As in `/runs/:runId`. */
  path: string;
  Component: LazyExoticComponent<ComponentType<PageProps>>;
  /** Stands in the left bar; `label` is a key such as `app:nav.runs`. Other paths that begin with `path` mark it as current too. */
  nav?: { icon: LucideIcon; label: string };
}
