// One run: how far it is, when each operator ran, what became of each, and why one failed; cancel and take up again.
import { Ban, RotateCw, SquarePen } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { isOver, type LiveTask, load, useLiveRun } from "@/api/live";
import { useCatalogue } from "@/api/operators";
import { cancelRun, resumeRun } from "@/api/runs";
import type { PageProps } from "@/app/pages";
import { to } from "@/app/router";
import { complain } from "@/app/toasts";
import { Chart } from "@/charts/Chart";
import { gantt, type Span } from "@/charts/options/gantt";
import { useLook } from "@/charts/useLook";
import { formatDuration, formatTime } from "@/i18n/format";
import { chosen, useLanguage } from "@/i18n/language";
import { Log } from "@/results/Log";
import { OutputPane } from "@/results/OutputPane";
import { OfRun } from "@/results/WhyTab";
import { Button } from "@/ui/Button";
import { CompareMenu } from "./CompareMenu";
import { Dialog } from "@/ui/Dialog";
import { Spinner } from "@/ui/Spinner";
import { Status } from "@/ui/Status";
import { Tabs } from "@/ui/Tabs";
import "./runs.css";

/** How often the bars of running operators grow. */
const TICK_MS = 1_000;

export default function RunPage({ params }: PageProps) {
  const { t } = useTranslation("runs");
  const language = useLanguage();
  const runId = params.runId ?? "";
  const { run, tasks, loaded } = useLiveRun(runId);
  const [selected, setSelected] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const list = useMemo(() => [...tasks.values()], [tasks]);
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
      <div className="page-inner">
        <div className="page-head run-head">
          <h1 className="clip">{run.dag || runId}</h1>
          <Status status={run.status} />
          <span className="muted num">{t("progress", { done: settled, total: list.length })}</span>
          <span className="grow" />
          {run.dag_id ? <CompareMenu runId={runId} dagId={run.dag_id} /> : null}
          {run.dag_id ? <a className="button" href={`#${to("/dags/:dagId", { dagId: run.dag_id })}`}><SquarePen size={15} aria-hidden />{t("openDag")}</a> : null}
          {!over ? <Button danger icon={Ban} disabled={busy || run.cancel_requested} onClick={() => setAsked(true)} data-testid="run-cancel">{t(run.cancel_requested ? "cancelling" : "cancel")}</Button> : null}
          {over && run.status !== "success" ? <Button icon={RotateCw} disabled={busy} onClick={() => void change(() => resumeRun(runId))} data-testid="run-resume">{t("resume")}</Button> : null}
        </div>
        <dl className="run-facts">
          <div><dt>{t("id")}</dt><dd className="mono">{runId}</dd></div>
          <div><dt>{t("began")}</dt><dd>{formatTime(language, run.created_at_ms)}</dd></div>
          {run.ended_at_ms !== undefined ? <div><dt>{t("took")}</dt><dd className="num">{formatDuration(language, (run.ended_at_ms - run.created_at_ms) * 1000)}</dd></div> : null}
          {run.version ? <div><dt>{t("version")}</dt><dd className="num">{run.version}</dd></div> : null}
        </dl>
        <Timeline tasks={list} over={over} runId={runId} />
        <Operators tasks={list} selected={shown?.operator ?? null} onSelect={setSelected} />
        {shown ? <Detail key={shown.operator} runId={runId} task={shown} /> : null}
      </div>
      {asked ? (
        <Dialog title={t("cancelTitle")} description={t("cancelExplain")} onClose={() => setAsked(false)} foot={<><Button onClick={() => setAsked(false)}>{t("keepRunning")}</Button><Button danger onClick={() => void change(() => cancelRun(runId))} data-testid="run-cancel-done">{t("cancel")}</Button></>}>
          {null}
        </Dialog>
      ) : null}
    </div>
  );
}

function Timeline({ tasks, over, runId }: { tasks: LiveTask[]; over: boolean; runId: string }) {
  const { t } = useTranslation("runs");
  const language = useLanguage();
  const look = useLook();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (over) return;
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [over]);
  const drawing = useMemo(() => {
    const spans: Span[] = tasks.flatMap((task) => {
      if (task.started_at_ms === undefined) return [];
      const ended = task.ended_at_ms ?? (task.duration_us === undefined || task.status === "running" ? null : task.started_at_ms + task.duration_us / 1000);
      return [{ operator: task.operator, name: task.operator, status: task.status, from_ms: task.started_at_ms, to_ms: ended }];
    });
    return gantt(spans, now, look, (ms) => formatDuration(language, ms * 1000));
  }, [tasks, now, look, language]);
  if (drawing === null) return null;
  return (
    <section className="card run-card">
      <h2>{t("timeline")}</h2>
      <Chart drawing={drawing} label={t("timeline")} file={`run-${runId}`} height={140} />
    </section>
  );
}

function Operators({ tasks, selected, onSelect }: { tasks: LiveTask[]; selected: string | null; onSelect: (operator: string) => void }) {
  const { t } = useTranslation("runs");
  const language = useLanguage();
  const { catalogue } = useCatalogue();
  return (
    <section className="card run-table">
      <table className="table">
        <thead>
          <tr><th scope="col">{t("operator")}</th><th scope="col">{t("kind")}</th><th scope="col">{t("status")}</th><th scope="col" className="num">{t("attempts")}</th><th scope="col" className="num">{t("took")}</th><th scope="col" className="num">{t("rows")}</th></tr>
        </thead>
        <tbody>
          {tasks.map((task) => {
            const kind = catalogue.get(task.algo_name);
            const rows = task.outputs.flatMap((output) => (output.rows === undefined ? [] : [new Intl.NumberFormat(language).format(output.rows)]));
            return (
              <tr key={task.operator} aria-selected={task.operator === selected} data-testid={`task-${task.operator}`}>
                <td><button type="button" className="link" aria-pressed={task.operator === selected} onClick={() => onSelect(task.operator)}>{task.operator}</button></td>
                <td className="muted">{chosen(language, kind?.name_en, kind?.name_zh) || task.algo_name}</td>
                <td><Status status={task.status} /></td>
                <td className="num">{task.attempt > 0 ? task.attempt : ""}</td>
                <td className="num">{task.duration_us === undefined ? "" : formatDuration(language, task.duration_us)}</td>
                <td className="num">{rows.join(" · ")}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** What became of one operator: its failure first, then outputs, log and story. */
function Detail({ runId, task }: { runId: string; task: LiveTask }) {
  const { t } = useTranslation("runs");
  const [tab, setTab] = useState<string | null>(null);
  const { error } = task;
  const tabs = [
    ...task.outputs.map((output) => ({
      id: `out-${output.port}`,
      label: t("output", { port: output.port }),
      content: () => <OutputPane runId={runId} operator={task.operator} port={output.port} title={`${task.operator} · ${output.port}`} output={output} />,
    })),
    ...(task.attempt > 0 ? [{ id: "log", label: t("results:tab.log"), content: () => <Log runId={runId} operator={task.operator} attempts={task.attempt} running={task.status === "running"} /> }] : []),
    { id: "why", label: t("results:tab.why"), content: () => <div className="why"><OfRun runId={runId} operator={task.operator} moment={`${task.status}/${task.attempt}`} /></div> },
  ];
  const shown = tabs.find((entry) => entry.id === tab) ?? tabs.find((entry) => entry.id === "log" && error !== undefined) ?? tabs[0];
  return (
    <section className="card run-detail" aria-label={task.operator}>
      <h2 className="row">{task.operator} <Status status={task.status} /></h2>
      {error ? (
        <div className="run-error" role="alert">
          <p className="bad">{error.message}</p>
          {error.hint ? <p>{error.hint}</p> : null}
          {error.traceback ? <details><summary>{t("traceback")}</summary><pre className="mono">{error.traceback}</pre></details> : null}
        </div>
      ) : null}
      <div className="run-tabs">
        <Tabs label={task.operator} tabs={tabs} value={shown?.id ?? "why"} onChange={setTab} />
      </div>
    </section>
  );
}
