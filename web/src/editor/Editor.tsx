// The editor's window: palette, canvas or text, form, panel, and what opens over them.
import { Suspense, lazy, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLiveRun } from "@/api/live";
import { setGuard } from "@/app/router";
import { complain } from "@/app/toasts";
import { type Catalogue, operatorOf } from "@/graph/model";
import { IconButton } from "@/ui/Button";
import { Spinner } from "@/ui/Spinner";
import { Canvas } from "./canvas/Canvas";
import { type CommandContext, commandFor, commandOf, keysText, previewPort, showPort } from "./commands";
import { DagForm } from "./form/DagForm";
import { OperatorForm } from "./form/OperatorForm";
import "./form/form.css";
import "./editor.css";
import { useFindings } from "./findings";
import { CommandPalette } from "./menus/CommandPalette";
import { ConflictDialog } from "./menus/ConflictDialog";
import { ContextMenu } from "./menus/ContextMenu";
import { HelpDialog } from "./menus/HelpDialog";
import { HistoryDrawer } from "./menus/HistoryDrawer";
import { PythonDialog } from "./menus/PythonDialog";
import { QuickAddMenu } from "./menus/QuickAddMenu";
import { RenameDialog } from "./menus/RenameDialog";
import { Notices } from "./bars/Notices";
import { Panel } from "./bars/Panel";
import { Toolbar } from "./bars/Toolbar";
import { Palette } from "./palette/Palette";
import { isReadOnly, shownDag, useEditor, useEditorStore } from "./state/context";
import { LooksProvider, useTroubles } from "./state/looks";
import { useUi } from "./state/ui";

const TextView = lazy(() => import("./text/TextView"));

export function Editor({ catalogue }: { catalogue: Catalogue }) {
  const { t } = useTranslation("editor");
  const store = useEditorStore();
  const view = useEditor((state) => state.view);
  const dag = useEditor(shownDag);
  const selection = useEditor((state) => state.selection);
  const readOnly = useEditor(isReadOnly);
  const runId = useEditor((state) => state.runId);
  const live = useLiveRun(runId);
  const troubles = useTroubles();
  const findings = useFindings(dag, catalogue, runId, live);
  const conflict = useEditor((state) => state.conflict !== null);
  const ui = useUi();
  const liveRef = useRef(live);
  liveRef.current = live;
  const context = useMemo(() => (): CommandContext => ({ store, state: store.getState(), catalogue, live: liveRef.current }), [store, catalogue]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.defaultPrevented || target.closest(".dialog, .menu")) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        useUi.setState({ commands: true });
        return;
      }
      const inText = target.closest("input, textarea, select, [contenteditable], .cm-editor") !== null;
      const inButton = target.closest("button, a") !== null;
      const command = commandFor(event, inText);
      // Text that is marked on the page is copied as text.
      if (command?.id === "copy" && (window.getSelection()?.toString() ?? "") !== "") return;
      if (command && !(inButton && !event.ctrlKey && !event.metaKey && !event.key.startsWith("F") && event.key !== "Delete" && event.key !== ".")) {
        event.preventDefault();
        // What is being written counts too: fields take their text when they are left.
        if (inText) {
          target.blur();
          target.focus({ preventScroll: true });
        }
        const now = context();
        if (command.enabled(now)) command.run(now);
        return;
      }
      const port = inText ? null : previewPort(event);
      const { selection: chosen } = store.getState();
      if (port === null || chosen.operators.size !== 1) return;
      const [id] = chosen.operators;
      const operator = id === undefined ? undefined : operatorOf(shownDag(store.getState()), id);
      const outputs = operator && catalogue.get(operator.algo_name)?.outputs.length;
      if (outputs === undefined || port >= outputs) return;
      event.preventDefault();
      showPort(port);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [store, catalogue, context]);

  useEffect(() => {
    const leaving = (event: BeforeUnloadEvent) => {
      const state = store.getState();
      // Drafts are kept; only a change that isn't even in the text yet would be lost.
      if (state.pending.length > 0) event.preventDefault();
    };
    window.addEventListener("beforeunload", leaving);
    return () => {
      window.removeEventListener("beforeunload", leaving);
      setGuard(null);
    };
  }, [store]);

  const [only] = selection.operators;
  const operator = selection.operators.size === 1 && only !== undefined ? (operatorOf(dag, only) ?? null) : null;
  const fit = commandOf("fit");
  return (
    <LooksProvider catalogue={catalogue} findings={findings}>
      <div className="editor">
        <Toolbar context={context} live={live} catalogue={catalogue} />
        <Palette catalogue={catalogue} readOnly={readOnly || view === "text"} />
        <div className="editor-middle">
          <Notices live={live} />
          <div className="editor-canvas">
            {view === "text" ? (
              <Suspense fallback={<div className="empty"><Spinner /></div>}><TextView /></Suspense>
            ) : (
              <>
                <Canvas catalogue={catalogue} />
                <div className="canvas-buttons">
                  {(["zoomIn", "zoomOut", "zoomFull"] as const).map((id) => {
                    const command = commandOf(id);
                    return <IconButton key={id} plain icon={command.icon} label={t(`command.${id}`)} keys={keysText(command)} onClick={() => command.run(context())} />;
                  })}
                  <IconButton plain icon={fit.icon} label={t("command.fit")} keys={keysText(fit)} onClick={() => fit.run(context())} />
                </div>
                {dag.operators.length === 0 ? (
                  <div className="canvas-empty">
                    <h2>{t("canvas.empty")}</h2>
                    <p>{t("canvas.emptyHint")}</p>
                  </div>
                ) : null}
              </>
            )}
          </div>
          <Panel catalogue={catalogue} live={live} />
        </div>
        <div className="editor-side">
          {operator ? <OperatorForm key={operator.id} operator={operator} catalogue={catalogue} live={live} faults={troubles.faults.get(operator.id) ?? []} lint={troubles.lint.get(operator.id) ?? []} /> : <DagForm />}
        </div>
      </div>
      {ui.menu ? <ContextMenu context={context} catalogue={catalogue} live={live} /> : null}
      {ui.quickAdd ? <QuickAddMenu catalogue={catalogue} /> : null}
      {ui.commands ? <CommandPalette context={context} catalogue={catalogue} /> : null}
      {ui.history ? <HistoryDrawer /> : null}
      {ui.python ? <PythonDialog operator={ui.python.operator} /> : null}
      {ui.help !== null ? <HelpDialog catalogue={catalogue} /> : null}
      {ui.renaming !== null ? <RenameDialog onRefused={complain} /> : null}
      {conflict ? <ConflictDialog /> : null}
    </LooksProvider>
  );
}
