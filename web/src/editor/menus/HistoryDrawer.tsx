// Versions and runs of the DAG; one of them can stand on the canvas, to be read and to be restored.
import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { listVersions } from "@/api/dags";
import { keys } from "@/api/queries";
import { listRuns } from "@/api/runs";
import { formatAgo, formatTime } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { IconButton } from "@/ui/Button";
import { Spinner } from "@/ui/Spinner";
import { Status } from "@/ui/Status";
import { Tabs } from "@/ui/Tabs";
import { useEditor } from "../state/context";
import { useUi } from "../state/ui";

export function HistoryDrawer() {
  const { t } = useTranslation("editor");
  const [tab, setTab] = useState("runs");
  const close = () => useUi.setState({ history: false });
  return (
    <aside className="drawer" aria-label={t("command.history")} data-testid="history">
      <Tabs
        label={t("command.history")} value={tab} onChange={setTab}
        tabs={[{ id: "runs", label: t("history.runs"), content: () => <Runs /> }, { id: "versions", label: t("history.versions"), content: () => <Versions /> }]}
        aside={<IconButton plain icon={X} label={t("history.close")} onClick={close} />}
      />
    </aside>
  );
}

function Runs() {
  const { t } = useTranslation("editor");
  const language = useLanguage();
  const dagId = useEditor((state) => state.dagId);
  const runId = useEditor((state) => state.runId);
  const viewRun = useEditor((state) => state.viewRun);
  const { data } = useQuery({ queryKey: [...keys.runs, { dag_id: dagId }], queryFn: () => listRuns({ dag_id: dagId, limit: 100 }) });
  if (!data) return <div className="empty"><Spinner /></div>;
  if (data.items.length === 0) return <div className="empty"><p>{t("history.noRuns")}</p></div>;
  return data.items.map((run) => (
    <button key={run.run_id} type="button" className="drawer-item" aria-current={run.run_id === runId || undefined} onClick={() => void viewRun(run.run_id)} data-testid={`history-run-${run.run_id}`}>
      <Status status={run.status} />
      <span className="grow">
        <span title={formatTime(language, run.created_at_ms)}>{formatAgo(language, run.created_at_ms)}</span>
        <span className="muted block">{t("history.runLine", { done: run.done, total: run.total, cached: run.cached, version: run.version ?? 0 })}</span>
      </span>
    </button>
  ));
}

function Versions() {
  const { t } = useTranslation("editor");
  const language = useLanguage();
  const dagId = useEditor((state) => state.dagId);
  const current = useEditor((state) => state.version);
  const viewVersion = useEditor((state) => state.viewVersion);
  const { data } = useQuery({ queryKey: keys.versions(dagId), queryFn: () => listVersions(dagId) });
  if (!data) return <div className="empty"><Spinner /></div>;
  if (data.items.length === 0) return <div className="empty"><p>{t("history.noVersions")}</p></div>;
  return data.items.map((version) => (
    <button key={version.version} type="button" className="drawer-item" aria-current={version.version === current || undefined} onClick={() => void viewVersion(version.version)} data-testid={`history-version-${version.version}`}>
      <span className="tag num">{t("bar.version", { version: version.version })}</span>
      <span className="grow" title={formatTime(language, version.created_at_ms)}>{formatAgo(language, version.created_at_ms)}</span>
    </button>
  ));
}
