// Runs, newest first, narrowed by state; kept up by events. Two of them, once chosen, can be compared.
import { useInfiniteQuery } from "@tanstack/react-query";
import { GitCompareArrows } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { listen } from "@/api/events";
import { keys, queries } from "@/api/queries";
import { listRuns } from "@/api/runs";
import type { RunView } from "@/api/types";
import type { PageProps } from "@/app/pages";
import { go, replace, to } from "@/app/router";
import { formatAgo, formatDuration, formatNumber, formatTime } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { Button } from "@/ui/Button";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import { Status } from "@/ui/Status";
import "./runs.css";

const STATES = ["running", "success", "failed", "cancelled"] as const;

export default function RunsPage({ query }: PageProps) {
  const { t } = useTranslation("runs");
  const status = STATES.find((state) => state === query.get("status"));
  const [picked, setPicked] = useState<readonly string[]>([]);
  const found = useInfiniteQuery({
    queryKey: [...keys.runs, { status: status ?? "" }],
    queryFn: ({ pageParam }) => listRuns({ status, limit: 100, before: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  useEffect(
    () =>
      listen((event) => {
        if (event.type === "run_started" || event.type === "run_ended") void queries.invalidateQueries({ queryKey: [...keys.runs, { status: status ?? "" }] });
      }),
    [status],
  );
  if (found.error) return <Failure error={found.error} again={() => void found.refetch()} />;
  const runs = found.data?.pages.flatMap((page) => page.items);
  // A third one takes the place of the first.
  const pick = (runId: string) => setPicked(picked.includes(runId) ? picked.filter((id) => id !== runId) : [...picked, runId].slice(-2));
  const compare = () => {
    const [after, before] = (runs ?? []).filter((run) => picked.includes(run.run_id));
    if (before && after) go(to("/compare/:before/:after", { before: before.run_id, after: after.run_id }));
  };
  const show = (state?: string) => replace(to("/runs", {}, state ? { status: state } : {}));
  return (
    <div className="page">
      <div className="page-inner">
        <div className="page-head">
          <h1 className="grow">{t("title")}</h1>
          {picked.length === 2 ? <Button primary icon={GitCompareArrows} onClick={compare} data-testid="runs-compare">{t("compare:compare")}</Button> : null}
          {picked.length === 1 ? <span className="muted">{t("compare:chooseSecond")}</span> : null}
          <div className="row" role="group" aria-label={t("filter")}>
            <button type="button" className="button" aria-pressed={!status} onClick={() => show()} data-testid="runs-all">{t("all")}</button>
            {STATES.map((state) => <button key={state} type="button" className="button" aria-pressed={status === state} onClick={() => show(state)} data-testid={`runs-${state}`}>{t(`state.${state}`)}</button>)}
          </div>
        </div>
        {!runs ? <div className="empty"><Spinner /></div> : runs.length === 0 ? (
          <div className="card empty">
            <h2>{t(status ? "noneSuch" : "none")}</h2>
            {status ? <Button onClick={() => show()}>{t("showAll")}</Button> : <a href="#/dags">{t("toDags")}</a>}
          </div>
        ) : (
          <List runs={runs} picked={picked} onPick={pick} />
        )}
        {found.hasNextPage ? <Button disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()} data-testid="runs-more">{t("older")}</Button> : null}
      </div>
    </div>
  );
}

function List({ runs, picked, onPick }: { runs: readonly RunView[]; picked: readonly string[]; onPick: (runId: string) => void }) {
  const { t } = useTranslation("runs");
  const language = useLanguage();
  return (
    <div className="card run-table">
      <table className="table">
        <thead>
          <tr><th aria-label={t("pick")} /><th>{t("dag")}</th><th>{t("status")}</th><th className="num">{t("operators")}</th><th className="num">{t("state.cached")}</th><th className="num">{t("state.failed")}</th><th>{t("began")}</th><th className="num">{t("took")}</th><th>{t("id")}</th></tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.run_id} data-testid={`run-${run.run_id}`}>
              <td className="run-pick"><input type="checkbox" checked={picked.includes(run.run_id)} onChange={() => onPick(run.run_id)} aria-label={t("pickOne", { name: run.dag || run.run_id, time: formatTime(language, run.created_at_ms) })} data-testid={`pick-${run.run_id}`} /></td>
              <td><a href={`#${to("/runs/:runId", { runId: run.run_id })}`}>{run.dag || run.run_id}</a></td>
              <td><Status status={run.status} /></td>
              <td className="num">{t("of", { done: formatNumber(language, run.done ?? 0), total: formatNumber(language, run.total) })}</td>
              <td className="num">{run.cached ? formatNumber(language, run.cached) : ""}</td>
              <td className="num">{run.failed ? <span className="bad">{formatNumber(language, run.failed)}</span> : ""}</td>
              <td className="muted" title={formatTime(language, run.created_at_ms)}>{formatAgo(language, run.created_at_ms)}</td>
              <td className="num">{run.ended_at_ms === undefined ? "" : formatDuration(language, (run.ended_at_ms - run.created_at_ms) * 1000)}</td>
              <td className="mono muted">{run.run_id}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
