// The editor's part of the top bar.
import { ChevronDown, Ellipsis } from "lucide-react";
import { Fragment, memo } from "react";
import { useTranslation } from "react-i18next";
import { type LiveRun } from "@/api/live";
import { InTopBar } from "@/app/slot";
import type { Catalogue } from "@/graph/model";
import { Button, IconButton } from "@/ui/Button";
import { Menu, MenuItem, MenuLine } from "@/ui/Menu";
import { Status } from "@/ui/Status";
import { type Command, type CommandContext, commandOf, keysText } from "../commands";
import { isDirty, useEditor } from "../state/context";
import { useUi } from "../state/ui";
import { Title } from "./Title";

const RUNS = ["run", "runOnly", "runTo", "runFrom", "runFailed"] as const;
const MORE = [["exportYaml", "python", "exportPng", "exportSvg"], ["compare"], ["panel", "help"]] as const;

/** Drawn anew only when it looks otherwise; the toolbar itself follows every change of the document. */
const ToolButton = memo(function ToolButton({ id, enabled, pressed, context }: { id: string; enabled: boolean; pressed?: boolean; context: () => CommandContext }) {
  const { t } = useTranslation("editor");
  const command = commandOf(id);
  return <IconButton plain icon={command.icon} label={t(`command.${id}`)} keys={keysText(command)} disabled={!enabled} aria-pressed={pressed} onClick={() => command.run(context())} data-testid={`do-${id}`} />;
});

export function Toolbar({ context, live }: { context: () => CommandContext; live: LiveRun; catalogue: Catalogue }) {
  const { t } = useTranslation("editor");
  // Watched, so that what is enabled is always true.
  const state = useEditor((whole) => whole);
  const dirty = isDirty(state);
  const commandsOpen = useUi((ui) => ui.panelOpen);
  const now: CommandContext = { ...context(), state, live };
  const button = (id: string, pressed?: boolean) => <ToolButton id={id} enabled={commandOf(id).enabled(now)} pressed={pressed} context={context} />;
  const item = (command: Command) => (
    <MenuItem key={command.id} icon={command.icon} keys={keysText(command)} disabled={!command.enabled(now)} onSelect={() => command.run(context())} checked={command.id === "panel" ? commandsOpen : undefined} testId={`do-${command.id}`}>
      {t(`command.${command.id}`)}
    </MenuItem>
  );
  const run = commandOf("run");
  return (
    <InTopBar>
      <Title />
      <span className="tag num" data-testid="version">{state.version > 0 ? t("bar.version", { version: state.version }) : t("bar.draft")}</span>
      {dirty ? <span className="tag tag-warn" data-testid="dirty">{state.draftSaved ? t("bar.changedKept") : t("bar.changed")}</span> : null}
      {live.run ? <Status status={live.run.status} /> : null}
      <span className="grow" />
      <div className="row bar-group" role="toolbar" aria-label={t("bar.label")}>
        {button("undo")}
        {button("redo")}
        {button("layout")}
        {button("text", state.view === "text")}
        {button("history")}
        {button("plan", state.plan !== null)}
        {button("save")}
        {button("stop")}
        <span className="row bar-run">
          <Button primary icon={run.icon} disabled={!run.enabled(now)} onClick={() => run.run(context())} data-testid="do-run">{t("bar.run")}</Button>
          <Menu align="end" trigger={<IconButton primary icon={ChevronDown} label={t("bar.runMore")} data-testid="run-menu" />}>
            {RUNS.map((id) => item(commandOf(id)))}
          </Menu>
        </span>
        <Menu align="end" trigger={<IconButton plain icon={Ellipsis} label={t("bar.more")} data-testid="more-menu" />}>
          {MORE.map((ids, at) => <Fragment key={at}>{at > 0 ? <MenuLine /> : null}{ids.map((id) => item(commandOf(id)))}</Fragment>)}
        </Menu>
      </div>
    </InTopBar>
  );
}
