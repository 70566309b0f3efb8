// What a right click offers: for an operator, an edge, or the canvas.
import * as Dropdown from "@radix-ui/react-dropdown-menu";
import { CornerDownRight, type LucideIcon, PanelBottom, Plus, Table2, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { LiveRun } from "@/api/live";
import type { Catalogue } from "@/graph/model";
import { PANEL_TABS } from "@/panel";
import { usePanelProps } from "../bars/Panel";
import { type CommandContext, commandOf, keysText, showPort } from "../commands";
import { isReadOnly, useEditor } from "../state/context";
import { openTab, useUi } from "../state/ui";

const CANVAS = [["paste", "quickAdd", "note", "selectAll"], ["layout", "fit"], ["compare"], ["exportYaml", "python", "exportPng", "exportSvg"]];
const RUN = ["runOnly", "runTo", "runFrom"];
const EDIT = [["cut", "copy", "duplicate", "rename", "disable", "forget"], ["help", "remove"]];
const SEVERAL = [["runOnly"], ["cut", "copy", "duplicate", "disable", "forget"], ["align.left", "align.centre", "align.right", "align.top", "align.middle", "align.bottom", "distribute.across", "distribute.down"], ["remove"]];

export function ContextMenu({ context, catalogue, live }: { context: () => CommandContext; catalogue: Catalogue; live: LiveRun }) {
  const { t } = useTranslation();
  const menu = useUi((state) => state.menu);
  const panel = usePanelProps(catalogue, live);
  const readOnly = useEditor(isReadOnly);
  const edit = useEditor((state) => state.edit);
  if (!menu) return null;
  const now = context();
  const tabs = PANEL_TABS.filter((tab) => tab.when(panel));
  const commands = (ids: readonly string[]) =>
    ids.map(commandOf).filter((command) => command.enabled(now)).map((command) => (
      <Item key={command.id} icon={command.icon} keys={keysText(command)} testId={`menu-${command.id}`} onSelect={() => command.run(context())}>{t(`editor:command.${command.id}`)}</Item>
    ));
  const groups: ReactNode[][] = [];
  const { target } = menu;
  if (target.kind === "canvas") groups.push(...CANVAS.map(commands));
  else if (target.kind === "edge") {
    groups.push(tabs.map((tab) => <Item key={tab.id} icon={PanelBottom} testId={`menu-tab-${tab.id}`} onSelect={() => openTab(tab.id)}>{t(tab.label)}</Item>));
    if (!readOnly) {
      groups.push([
        <Item key="insert" icon={Plus} testId="menu-insert" onSelect={() => {
          const at = useUi.getState().control?.middle();
          const cursor = useUi.getState().control?.cursor();
          if (at && cursor) useUi.setState({ quickAdd: { screen: menu.screen, at: cursor.at, from: null, into: target.edge } });
        }}>{t("editor:menu.insert")}</Item>,
        <Item key="remove" icon={Trash2} keys={keysText(commandOf("remove"))} testId="menu-remove" onSelect={() => edit("editor:step.remove", [{ type: "remove_edge", ...target.edge }])}>{t("editor:menu.removeEdge")}</Item>,
      ]);
    }
  } else if (now.state.selection.operators.size > 1) groups.push(...SEVERAL.map(commands));
  else {
    groups.push(commands(RUN));
    const preview = tabs.some((tab) => tab.id === "preview");
    const outputs = panel.kind?.outputs ?? [];
    groups.push([
      ...(preview && outputs.length > 0 ? outputs.map((output, port) => (
        <Item key={`port-${port}`} icon={Table2} keys={port < 9 ? `Shift+${port + 1}` : undefined} testId={`menu-preview-${port}`} onSelect={() => showPort(port)}>{t("editor:menu.preview", { port: output.name })}</Item>
      )) : []),
      ...tabs.filter((tab) => tab.id !== "preview").map((tab) => <Item key={tab.id} icon={CornerDownRight} testId={`menu-tab-${tab.id}`} onSelect={() => openTab(tab.id)}>{t(tab.label)}</Item>),
      ...commands(["compare"]),
      <Item key="python" icon={commandOf("python").icon} testId="menu-python" onSelect={() => useUi.setState({ python: { operator: panel.operator?.id ?? null } })}>{t("editor:command.python")}</Item>,
    ]);
    groups.push(...EDIT.map(commands));
  }
  const shown = groups.filter((group) => group.length > 0);
  return (
    <Dropdown.Root open onOpenChange={(open) => { if (!open) useUi.setState({ menu: null }); }} modal={false}>
      <Dropdown.Trigger asChild><span className="menu-anchor" style={{ left: menu.screen.x, top: menu.screen.y }} /></Dropdown.Trigger>
      <Dropdown.Portal>
        <Dropdown.Content className="menu" side="right" align="start" collisionPadding={8} data-testid="context-menu" onCloseAutoFocus={(event) => event.preventDefault()}>
          {shown.map((group, at) => (
            <div key={at}>
              {at > 0 ? <Dropdown.Separator className="menu-line" /> : null}
              {group}
            </div>
          ))}
        </Dropdown.Content>
      </Dropdown.Portal>
    </Dropdown.Root>
  );
}

function Item({ icon: Icon, keys, onSelect, children, testId }: { icon: LucideIcon; keys?: string; onSelect: () => void; children: ReactNode; testId: string }) {
  return (
    <Dropdown.Item className="menu-item" data-testid={testId} onSelect={() => { useUi.setState({ menu: null }); onSelect(); }}>
      <Icon size={15} aria-hidden />
      <span className="grow">{children}</span>
      {keys ? <span className="keys">{keys}</span> : null}
    </Dropdown.Item>
  );
}
