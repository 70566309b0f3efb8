// Two runs beside each other: what was changed, what that did to the figures, and where their outputs part.
import { useQuery } from "@tanstack/react-query";
import { ArrowLeftRight, ArrowRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLiveRun } from "@/api/live";
import { useCatalogue } from "@/api/operators";
import { keys } from "@/api/queries";
import { getDiff, getReport, type RunDiff } from "@/api/reports";
import type { PageProps } from "@/app/pages";
import { go, to } from "@/app/router";
import { formatDuration, formatTime } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { operatorName } from "@/results/names";
import { useRunDag } from "@/runs/useRunDag";
import { IconButton } from "@/ui/Button";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import { Status } from "@/ui/Status";
import { Changes } from "./Changes";
import { DivergenceView } from "./DivergenceView";
import { Figures } from "./Figures";
import "./compare.css";

export default function ComparePage({ params, query }: PageProps) {
  const { t } = useTranslation("compare");
  const language = useLanguage();
  const { catalogue } = useCatalogue();
  const before = params.before ?? "";
  const after = params.after ?? "";
  const only = query.get("operator");
  const diff = useQuery({ queryKey: [...keys.run(after), "diff", before], queryFn: ({ signal }) => getDiff(before, after, signal) });
  const was = useQuery({ queryKey: [...keys.run(before), "report"], queryFn: ({ signal }) => getReport(before, signal) });
  const is = useQuery({ queryKey: [...keys.run(after), "report"], queryFn: ({ signal }) => getReport(after, signal) });
  const [dag, oldDag] = [useRunDag(after), useRunDag(before)];
  const failed = [diff, was, is].find((found) => found.error);
  if (failed) return <Failure error={failed.error} again={() => void failed.refetch()} />;
  if (!diff.data || !was.data || !is.data) return <div className="empty"><Spinner /></div>;
  const name = (id: string) => operatorName(language, dag?.operators.some((operator) => operator.id === id) ? dag : oldDag, catalogue, id);
  const shown = only === null ? diff.data : narrowed(diff.data, only);
  const apart = shown.first_divergence;
  return (
    <div className="page">
      <div className="page-inner">
        <div className="page-head"><h1 className="grow">{t("title")}</h1></div>
        <div className="compare-runs">
          <Side runId={before} word={t("before")} />
          <IconButton plain icon={ArrowLeftRight} label={t("swap")} onClick={() => go(to("/compare/:before/:after", { before: after, after: before }, only === null ? {} : { operator: only }))} data-testid="compare-swap" />
          <Side runId={after} word={t("after")} />
        </div>
        {only !== null ? (
          <p className="row" data-testid="compare-only">
            <span>{t("only", { name: name(only) })}</span>
            <a href={`#${to("/compare/:before/:after", { before, after })}`}>{t("all")}</a>
          </p>
        ) : null}
        <Changes diff={shown} name={name} only={only !== null} />
        <Figures before={was.data} after={is.data} name={name} only={only} />
        {apart ? <DivergenceView divergence={apart} name={name} before={before} after={after} catalogue={catalogue} dag={dag} /> : only === null ? <p className="muted" data-testid="compare-same">{t("sameOutputs")}</p> : null}
      </div>
    </div>
  );
}

/** What concerns one operator. */
function narrowed(diff: RunDiff, operator: string): RunDiff {
  const of = <T extends { operator: string }>(items: T[] | undefined) => items?.filter((item) => item.operator === operator);
  return {
    ...diff,
    removed: diff.removed?.filter((id) => id === operator),
    added: diff.added?.filter((id) => id === operator),
    parameters: of(diff.parameters),
    statuses: of(diff.statuses),
    metrics: of(diff.metrics),
    first_divergence: diff.first_divergence?.operator === operator ? diff.first_divergence : undefined,
  };
}

function Side({ runId, word }: { runId: string; word: string }) {
  const { t } = useTranslation("compare");
  const language = useLanguage();
  const { run } = useLiveRun(runId);
  return (
    <section className="card compare-run" aria-label={word}>
      <span className="muted">{word}</span>
      <span className="row">
        <a className="clip" href={`#${to("/runs/:runId", { runId })}`}>{run?.dag || runId}</a>
        {run ? <Status status={run.status} /> : null}
        {run?.version ? <span className="tag num">{t("dags:version", { version: run.version })}</span> : null}
      </span>
      <span className="muted">
        {run ? formatTime(language, run.created_at_ms) : ""}
        {run?.ended_at_ms !== undefined ? <> <ArrowRight size={11} aria-hidden /> {formatDuration(language, (run.ended_at_ms - run.created_at_ms) * 1000)}</> : null}
        {" · "}<span className="mono">{runId}</span>
      </span>
    </section>
  );
}
