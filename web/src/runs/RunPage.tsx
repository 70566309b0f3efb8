// One run: how far it is, its DAG by state, when each operator ran, what became of each, and why one failed; cancel, take up again, mend.
import { Ban, RotateCw, SquarePen } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { isOver, load, useLiveRun } from "@/api/live";
import { useCatalogue } from "@/api/operators";
import { cancelRun, resumeRun } from "@/api/runs";
import type { PageProps } from "@/app/pages";
import { to } from "@/app/router";
import { complain } from "@/app/toasts";
import { formatDuration, formatTime } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { operatorName } from "@/results/names";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Spinner } from "@/ui/Spinner";
import { Status } from "@/ui/Status";
import { CompareMenu } from "./CompareMenu";
import { MlflowTag } from "./MlflowTag";
import { RunDetail } from "./RunDetail";
import { RunGraph } from "./RunGraph";
import { RunOperators } from "./RunOperators";
import { RunTimeline } from "./RunTimeline";
import { useRunDag } from "./useRunDag";
import "./runs.css";

export default function RunPage({ params, query }: PageProps) {
  const { t } = useTranslation("runs");
  const language = useLanguage();
  const runId = params.runId ?? "";
  const { run, tasks, loaded } = useLiveRun(runId);
  const { catalogue } = useCatalogue();
  const dag = useRunDag(runId);
  const [selected, setSelected] = useState<string | null>(query.get("operator"));
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const list = useMemo(() => [...tasks.values()], [tasks]);
  const name = useCallback((operator: string) => operatorName(language, dag, catalogue, operator), [language, dag, catalogue]);
  if (!loaded || run === null) return <div className="empty"><Spinner /></div>;

  const over = isOver(run);
  const change = async (action: () => Promise<unknown>) => {
    setAsked(false);
    setBusy(true);
    try {
      await action();
      await load(runId);
    } catch (problem) {
      complain(problem);
    } finally {
      setBusy(false);
    }
  };
  const failed = list.find((task) => task.status === "failed");
  const shown = list.find((task) => task.operator === selected) ?? failed ?? null;
  const settled = list.filter((task) => ["success", "cached", "failed", "skipped", "cancelled"].includes(task.status)).length;
  return (
    <div className="page">
      <div className="page-inner run-page">
        <div className="page-head run-head">
          <h1 className="clip">{run.dag || runId}</h1>
          <Status status={run.status} />
          <span className="muted num">{t("progress", { done: settled, total: list.length })}</span>
          <span className="grow" />
          {run.dag_id ? <CompareMenu runId={runId} dagId={run.dag_id} /> : null}
          {run.dag_id ? <a className="button" href={`#${to("/dags/:dagId", { dagId: run.dag_id }, { run: runId })}`} data-testid="run-canvas"><SquarePen size={15} aria-hidden />{t("openCanvas")}</a> : null}
          {!over ? <Button danger icon={Ban} disabled={busy || run.cancel_requested} onClick={() => setAsked(true)} data-testid="run-cancel">{t(run.cancel_requested ? "cancelling" : "cancel")}</Button> : null}
          {over && run.status !== "success" ? <Button icon={RotateCw} disabled={busy} onClick={() => void change(() => resumeRun(runId))} data-testid="run-resume">{t("resume")}</Button> : null}
        </div>
        <dl className="run-facts">
          <div><dt>{t("id")}</dt><dd className="mono">{runId}</dd></div>
          <div><dt>{t("began")}</dt><dd>{formatTime(language, run.created_at_ms)}</dd></div>
          {run.ended_at_ms !== undefined ? <div><dt>{t("took")}</dt><dd className="num">{formatDuration(language, (run.ended_at_ms - run.created_at_ms) * 1000)}</dd></div> : null}
          {run.version && run.dag_id ? <div><dt>{t("version")}</dt><dd className="num"><a href={`#${to("/dags/:dagId", { dagId: run.dag_id })}`}>{run.version}</a></dd></div> : null}
          {over ? <MlflowTag runId={runId} /> : null}
        </dl>
        <div className="run-pictures">
          <section className="card run-card run-graph-card">
            {dag ? <RunGraph dag={dag} catalogue={catalogue} tasks={tasks} selected={shown?.operator ?? null} onSelect={setSelected} /> : <Spinner />}
          </section>
          <RunTimeline runId={runId} tasks={list} over={over} name={name} />
        </div>
        {shown && failed === shown ? <RunDetail key={shown.operator} run={run} over={over} task={shown} tasks={tasks} dag={dag} catalogue={catalogue} name={name} reveal={selected !== null} /> : null}
        <RunOperators tasks={list} catalogue={catalogue} name={name} selected={shown?.operator ?? null} onSelect={setSelected} />
        {shown && failed !== shown ? <RunDetail key={shown.operator} run={run} over={over} task={shown} tasks={tasks} dag={dag} catalogue={catalogue} name={name} reveal={selected !== null} /> : null}
      </div>
      {asked ? (
        <Dialog title={t("cancelTitle")} description={t("cancelExplain")} onClose={() => setAsked(false)} foot={<><Button onClick={() => setAsked(false)}>{t("keepRunning")}</Button><Button danger onClick={() => void change(() => cancelRun(runId))} data-testid="run-cancel-done">{t("cancel")}</Button></>}>
          {null}
        </Dialog>
      ) : null}
    </div>
  );
}
