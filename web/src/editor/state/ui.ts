// What is open in the editor's window, beside the document.
import { create } from "zustand";
import type { EdgeModel } from "@/api/types";
import { recall, remember } from "@/app/remembered";
import type { Point } from "@/graph/model";
import type { From } from "../canvas/connecting";

export type Target =
  | { kind: "operator"; id: string }
  | { kind: "edge"; edge: EdgeModel }
  | { kind: "canvas" };

export interface QuickAdd {
  /** Where it opens in the window. */
  screen: Point;
  /** Where the operator goes in the document. */
  at: Point;
  /** An edge that was dropped here leads to or from it. */
  from: From | null;
  /** An edge that it is put into. */
  into: EdgeModel | null;
}

/** What the canvas does for commands. */
export interface CanvasControl {
  fit: () => void;
  zoom: (way: "in" | "out" | "full") => void;
  reveal: (id: string) => void;
  /** The pointer's place in the document; the middle where it isn't over the canvas. */
  cursor: () => { screen: Point; at: Point };
  middle: () => Point;
}

interface Ui {
  quickAdd: QuickAdd | null;
  menu: { screen: Point; target: Target } | null;
  commands: boolean;
  history: boolean;
  help: string | null;
  /** Shown as Python: an operator and what it needs, or all of it. */
  python: { operator: string | null } | null;
  renaming: string | null;
  /** The note that was just added: it takes the focus. */
  freshNote: number | null;
  tab: string;
  panelOpen: boolean;
  panelHeight: number;
  port: number;
  control: CanvasControl | null;
}

const height = Number(recall("panel.height"));

export const useUi = create<Ui>(() => ({
  quickAdd: null,
  menu: null,
  commands: false,
  history: false,
  help: null,
  python: null,
  renaming: null,
  freshNote: null,
  tab: "preview",
  panelOpen: recall("panel.open") !== "no",
  panelHeight: Number.isFinite(height) && height > 100 ? height : 330,
  port: 0,
  control: null,
}));

export const CLOSED = { quickAdd: null, menu: null, commands: false, history: false, help: null, python: null, renaming: null, freshNote: null } as const;

export function openTab(tab: string, port?: number): void {
  remember("panel.open", "yes");
  useUi.setState((state) => ({ tab, panelOpen: true, port: port ?? state.port }));
}

export function togglePanel(): void {
  const open = !useUi.getState().panelOpen;
  remember("panel.open", open ? "yes" : "no");
  useUi.setState({ panelOpen: open });
}

export function setPanelHeight(px: number): void {
  remember("panel.height", String(Math.round(px)));
  useUi.setState({ panelHeight: px });
}
