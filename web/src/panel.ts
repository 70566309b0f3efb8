// Every tab of the editor's bottom panel, in order.
import type { PanelTab } from "@/editor/panel";
import { RESULT_TABS } from "@/results/tabs";

export const PANEL_TABS: readonly PanelTab[] = [...RESULT_TABS];
