// Everything that can be done in the editor, in one table: the toolbar, menus, keys and the command palette all take it from here.
import {
  AlignCenterHorizontal, AlignCenterVertical, AlignEndHorizontal, AlignEndVertical, AlignHorizontalDistributeCenter, AlignStartHorizontal,
  AlignStartVertical, AlignVerticalDistributeCenter, CircleHelp, ClipboardPaste, CodeXml, Copy, CopyPlus, Download, Eraser, FileCode2, FileImage, GitCompareArrows, History, Image,
  ListChecks, LocateFixed, type LucideIcon, Maximize, Network, PanelBottom, Pencil, Play, Plus, Power, Redo2, RotateCcw, Save, Scissors, SkipBack,
  SkipForward, SquareDashedMousePointer, SquarePlay, StickyNote, Square, Trash2, Undo2, ZoomIn, ZoomOut,
} from "lucide-react";
import i18next from "i18next";
import type { LiveRun } from "@/api/live";
import { isOver } from "@/api/live";
import type { Edit } from "@/api/types";
import { to } from "@/app/paths";
import { complain, say } from "@/app/toasts";
import { align, distribute, type Alignment, type Direction } from "@/graph/arrange";
import { copy, fromText, paste, toText, type Clip } from "@/graph/clipboard";
import { IdMaker } from "@/graph/ids";
import { type Catalogue, edgeKey } from "@/graph/model";
import { addNote, nextNote } from "@/graph/notes";
import { exportPicture, exportYaml } from "./exports";
import { autoLayout } from "./layout";
import { isDirty, isReadOnly, shownDag } from "./state/context";
import type { EditorStore } from "./state/store";
import type { EditorActions, EditorState } from "./state/types";
import { openTab, togglePanel, useUi } from "./state/ui";

export interface CommandContext {
  store: EditorStore;
  state: EditorState & EditorActions;
  catalogue: Catalogue;
  live: LiveRun;
}

export type Group = "file" | "edit" | "run" | "arrange" | "view";

export interface Command {
  id: string;
  group: Group;
  icon: LucideIcon;
  /** As `Mod+Shift+Z`; the first one is shown. */
  keys: readonly string[];
  /** Keys count in fields too. */
  everywhere?: boolean;
  enabled: (context: CommandContext) => boolean;
  run: (context: CommandContext) => void;
}

let clip: Clip | null = null;

const writable = ({ state }: CommandContext) => !isReadOnly(state);
const some = ({ state }: CommandContext) => state.selection.operators.size > 0;
const one = ({ state }: CommandContext) => state.selection.operators.size === 1;
const going = ({ live }: CommandContext) => live.run !== null && !isOver(live.run);
const runnable = (context: CommandContext) => writable(context) && context.state.dag.operators.length > 0 && !context.state.submitting;
const chosen = ({ state }: CommandContext) => [...state.selection.operators];

function remove({ state }: CommandContext): void {
  const { selection, dag, edit } = state;
  const edits: Edit[] = dag.edges
    .filter((edge) => selection.edges.has(edgeKey(edge)) && !selection.operators.has(edge.source) && !selection.operators.has(edge.target))
    .map((edge) => ({ type: "remove_edge", ...edge }));
  for (const operator of selection.operators) edits.push({ type: "remove_operator", operator });
  edit("editor:step.remove", edits);
}

async function copySelected({ state }: CommandContext): Promise<void> {
  clip = copy(shownDag(state), state.selection.operators);
  try {
    await navigator.clipboard.writeText(toText(clip));
  } catch {
    // Without the system's clipboard (plain HTTP from another host) it stays within this page.
  }
}

async function pasteClip({ store }: CommandContext): Promise<void> {
  const place = useUi.getState().control?.cursor().at ?? { x: 40, y: 40 };
  let found: Clip | null = null;
  try {
    found = fromText(await navigator.clipboard.readText());
  } catch {
    // As above.
  }
  pasteAt(store, found ?? clip, place);
}

function pasteAt(store: EditorStore, what: Clip | null, at: { x: number; y: number }): void {
  if (!what) {
    say(i18next.t("editor:paste.nothing"), "plain");
    return;
  }
  const { dag, dagId, edit, select } = store.getState();
  const made = paste(what, new IdMaker(dag.operators.map((operator) => operator.id), dagId, Date.now()), at);
  if (edit("editor:step.paste", made.edits)) select({ operators: new Set(made.ids), edges: new Set() });
}

function duplicate({ store, state }: CommandContext): void {
  const what = copy(state.dag, state.selection.operators);
  const left = Math.min(...what.operators.map((operator) => operator.coordinate?.x ?? 0));
  const top = Math.min(...what.operators.map((operator) => operator.coordinate?.y ?? 0));
  pasteAt(store, what, { x: left + 40, y: top + 40 });
}

function disable({ state }: CommandContext): void {
  const operators = state.dag.operators.filter((operator) => state.selection.operators.has(operator.id));
  const value = operators.some((operator) => !operator.disabled) ? true : null;
  state.edit("editor:step.disable", operators.map((operator) => ({ type: "set_field", operator: operator.id, field: "disabled", value })));
}

/** With one operator selected, only what concerns it. */
function compareRuns(context: CommandContext): void {
  const { runId, previousRunId } = context.state;
  if (runId === null || previousRunId === null) return;
  const [operator] = one(context) ? chosen(context) : [];
  // An older run may be shown over the present one. Ids begin with date and time, to the second.
  const second = (id: string) => id.slice(0, "20260101-000000".length);
  const [before, after] = second(previousRunId) > second(runId) ? [runId, previousRunId] : [previousRunId, runId];
  window.location.hash = to("/compare/:before/:after", { before, after }, operator === undefined ? {} : { operator });
}

const ALIGNMENTS: [Alignment, LucideIcon][] = [
  ["left", AlignStartVertical], ["centre", AlignCenterVertical], ["right", AlignEndVertical], ["top", AlignStartHorizontal], ["middle", AlignCenterHorizontal], ["bottom", AlignEndHorizontal],
];
const DISTRIBUTIONS: [Direction, LucideIcon][] = [["across", AlignHorizontalDistributeCenter], ["down", AlignVerticalDistributeCenter]];

export const COMMANDS: readonly Command[] = [
  { id: "save", group: "file", icon: Save, keys: ["Mod+S"], everywhere: true, enabled: (c) => c.state.viewed === null && (isDirty(c.state) || c.state.version === 0), run: (c) => void c.state.save() },
  { id: "exportYaml", group: "file", icon: Download, keys: [], enabled: () => true, run: (c) => void exportYaml(c.state) },
  { id: "exportPng", group: "file", icon: Image, keys: [], enabled: (c) => shownDag(c.state).operators.length > 0, run: (c) => exportPicture(c, "png") },
  { id: "exportSvg", group: "file", icon: FileImage, keys: [], enabled: (c) => shownDag(c.state).operators.length > 0, run: (c) => exportPicture(c, "svg") },
  { id: "python", group: "file", icon: FileCode2, keys: [], enabled: (c) => shownDag(c.state).operators.length > 0, run: () => useUi.setState({ python: { operator: null } }) },
  { id: "undo", group: "edit", icon: Undo2, keys: ["Mod+Z"], enabled: (c) => c.state.history.past.length > 0 && c.state.viewed === null, run: (c) => c.state.undo() },
  { id: "redo", group: "edit", icon: Redo2, keys: ["Mod+Shift+Z", "Mod+Y"], enabled: (c) => c.state.history.future.length > 0 && c.state.viewed === null, run: (c) => c.state.redo() },
  { id: "quickAdd", group: "edit", icon: Plus, keys: ["Mod+.", "."], enabled: writable, run: () => {
    const here = useUi.getState().control?.cursor();
    if (here) useUi.setState({ quickAdd: { ...here, from: null, into: null } });
  } },
  { id: "note", group: "edit", icon: StickyNote, keys: [], enabled: (c) => writable(c) && nextNote(c.state.dag) !== null, run: (c) => {
    const here = useUi.getState().control?.cursor();
    if (!here) return;
    const at = nextNote(c.state.dag);
    if (c.state.edit("editor:step.addNote", addNote(c.state.dag, { text: "", ...here.at }))) useUi.setState({ freshNote: at });
  } },
  { id: "cut", group: "edit", icon: Scissors, keys: ["Mod+X"], enabled: (c) => writable(c) && some(c), run: (c) => void copySelected(c).then(() => remove(c)) },
  { id: "copy", group: "edit", icon: Copy, keys: ["Mod+C"], enabled: some, run: (c) => void copySelected(c) },
  { id: "paste", group: "edit", icon: ClipboardPaste, keys: ["Mod+V"], enabled: writable, run: (c) => void pasteClip(c) },
  { id: "duplicate", group: "edit", icon: CopyPlus, keys: ["Mod+D"], enabled: (c) => writable(c) && some(c), run: duplicate },
  { id: "selectAll", group: "edit", icon: SquareDashedMousePointer, keys: ["Mod+A"], enabled: (c) => shownDag(c.state).operators.length > 0, run: (c) => c.state.select({ operators: new Set(shownDag(c.state).operators.map((operator) => operator.id)), edges: new Set() }) },
  { id: "rename", group: "edit", icon: Pencil, keys: ["F2"], enabled: (c) => writable(c) && one(c), run: (c) => useUi.setState({ renaming: chosen(c)[0] ?? null }) },
  { id: "disable", group: "edit", icon: Power, keys: [], enabled: (c) => writable(c) && some(c), run: disable },
  { id: "remove", group: "edit", icon: Trash2, keys: ["Delete", "Backspace"], enabled: (c) => writable(c) && (some(c) || c.state.selection.edges.size > 0), run: remove },
  { id: "run", group: "run", icon: Play, keys: ["Mod+Enter", "Shift+F7"], everywhere: true, enabled: runnable, run: (c) => void c.state.run({}) },
  { id: "runOnly", group: "run", icon: SquarePlay, keys: ["F7"], everywhere: true, enabled: (c) => runnable(c) && some(c), run: (c) => void c.state.run({ only: chosen(c) }) },
  { id: "runTo", group: "run", icon: SkipBack, keys: [], enabled: (c) => runnable(c) && one(c), run: (c) => void c.state.run({ to: chosen(c) }) },
  { id: "runFrom", group: "run", icon: SkipForward, keys: [], enabled: (c) => runnable(c) && one(c), run: (c) => void c.state.run({ from: chosen(c) }) },
  { id: "runFailed", group: "run", icon: RotateCcw, keys: [], enabled: (c) => runnable(c) && c.state.runId !== null && c.live.run !== null && isOver(c.live.run) && c.live.run.status !== "success", run: (c) => void c.state.run({ failed_of: c.state.runId ?? undefined }) },
  { id: "stop", group: "run", icon: Square, keys: ["F9"], everywhere: true, enabled: (c) => going(c) && !(c.live.run?.cancel_requested ?? false), run: (c) => void c.state.stop() },
  { id: "plan", group: "run", icon: ListChecks, keys: ["Mod+Shift+Enter"], everywhere: true, enabled: runnable, run: (c) => (c.state.plan ? c.state.clearPlan() : void c.state.makePlan({})) },
  { id: "forget", group: "run", icon: Eraser, keys: [], enabled: (c) => runnable(c) && some(c), run: (c) => void c.state.forget(chosen(c)) },
  { id: "compare", group: "run", icon: GitCompareArrows, keys: [], enabled: (c) => c.state.runId !== null && c.state.previousRunId !== null, run: compareRuns },
  { id: "layout", group: "arrange", icon: Network, keys: [], enabled: (c) => writable(c) && c.state.dag.operators.length > 1, run: (c) => void autoLayout(c.store).catch(complain) },
  ...ALIGNMENTS.map(([way, icon]): Command => ({
    id: `align.${way}`, group: "arrange", icon, keys: [], enabled: (c) => writable(c) && c.state.selection.operators.size > 1,
    run: (c) => void c.state.edit("editor:step.align", align(c.state.dag, c.state.selection.operators, way)),
  })),
  ...DISTRIBUTIONS.map(([way, icon]): Command => ({
    id: `distribute.${way}`, group: "arrange", icon, keys: [], enabled: (c) => writable(c) && c.state.selection.operators.size > 2,
    run: (c) => void c.state.edit("editor:step.align", distribute(c.state.dag, c.state.selection.operators, way)),
  })),
  { id: "zoomIn", group: "view", icon: ZoomIn, keys: ["Mod+=", "Mod++"], enabled: () => true, run: () => useUi.getState().control?.zoom("in") },
  { id: "zoomOut", group: "view", icon: ZoomOut, keys: ["Mod+-"], enabled: () => true, run: () => useUi.getState().control?.zoom("out") },
  { id: "zoomFull", group: "view", icon: LocateFixed, keys: ["Mod+0"], enabled: () => true, run: () => useUi.getState().control?.zoom("full") },
  { id: "fit", group: "view", icon: Maximize, keys: ["Mod+2"], enabled: (c) => shownDag(c.state).operators.length > 0, run: () => useUi.getState().control?.fit() },
  { id: "text", group: "view", icon: CodeXml, keys: [], enabled: () => true, run: (c) => c.state.setView(c.state.view === "text" ? "canvas" : "text") },
  { id: "panel", group: "view", icon: PanelBottom, keys: [], enabled: () => true, run: togglePanel },
  { id: "history", group: "view", icon: History, keys: [], enabled: () => true, run: () => useUi.setState((state) => ({ history: !state.history })) },
  { id: "help", group: "view", icon: CircleHelp, keys: ["F1"], everywhere: true, enabled: () => true, run: (c) => useUi.setState({ help: chosen(c)[0] ?? "" }) },
];

const byId = new Map(COMMANDS.map((command) => [command.id, command]));

export function commandOf(id: string): Command {
  const command = byId.get(id);
  if (!command) throw new Error(`there is no command ${id}`);
  return command;
}

const APPLE = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);

/** As this machine's keyboard names them. */
export function keysText(command: Command): string {
  const [first] = command.keys;
  if (!first) return "";
  return first.replace("Mod", APPLE ? "⌘" : "Ctrl").replace("Enter", "⏎");
}

function pressed(event: KeyboardEvent): string {
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push("Mod");
  // `+` and `.` may need Shift on some keyboards; the character says enough.
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if (event.shiftKey && !(event.key.length === 1 && !/[a-z0-9]/i.test(event.key))) parts.push("Shift");
  return [...parts, key].join("+");
}

/** The command that these keys mean here. */
export function commandFor(event: KeyboardEvent, inField: boolean): Command | undefined {
  if (event.altKey) return undefined;
  const keys = pressed(event);
  return COMMANDS.find((command) => command.keys.includes(keys) && (!inField || command.everywhere));
}

/** Shift+1…9: that output of the selected operator. */
export function previewPort(event: KeyboardEvent): number | null {
  const found = event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey ? /^Digit([1-9])$/.exec(event.code) : null;
  return found ? Number(found[1]) - 1 : null;
}

export function showPort(port: number): void {
  openTab("preview", port);
}
