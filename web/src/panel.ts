// Every tab of the editor's bottom panel, in order.
import type { PanelTab } from "@/editor/panel";

export const PANEL_TABS: readonly PanelTab[] = [];
