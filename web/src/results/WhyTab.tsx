// Why the operator did what it did, or will: the plan's word, where a cached result came from, attempts, its story.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { keys } from "@/api/queries";
import { getTask } from "@/api/tasks";
import { to } from "@/app/router";
import type { PanelProps } from "@/editor/panel";
import { formatBytes, formatClock, formatDuration, formatTime } from "@/i18n/format";
import { chosen, useLanguage } from "@/i18n/language";
import { Failure } from "@/ui/Failure";
import { Status } from "@/ui/Status";
import { FailureView } from "./FailureView";
import "./results.css";

export default function WhyTab({ runId, operator, task, plan, showRun }: PanelProps) {
  const { t } = useTranslation("results");
  const language = useLanguage();
  return (
    <div className="why">
      {task?.status === "failed" && task.error ? <FailureView error={task.error} /> : null}
      {plan ? (
        <section>
          <h3>{t("why.plan")}</h3>
          <p>
            <strong>{t(`verdict.${plan.verdict}`)}</strong> — {chosen(language, plan.why.en, plan.why.zh)}
            {plan.expected_ms !== undefined ? ` · ${t("why.expected", { time: formatDuration(language, plan.expected_ms * 1000) })}` : ""}
            {plan.expected_bytes !== undefined ? ` · ${t("why.expectedMemory", { memory: formatBytes(language, plan.expected_bytes) })}` : ""}
          </p>
        </section>
      ) : null}
      {runId && operator && task ? <OfRun key={`${runId}/${operator.id}`} runId={runId} operator={operator.id} moment={`${task.status}/${task.attempt}`} showRun={showRun} /> : null}
    </div>
  );
}

interface Props {
  runId: string;
  operator: string;
  /** Changes when there is more to tell. */
  moment: string;
  showRun?: (runId: string) => void;
}

export function OfRun({ runId, operator, moment, showRun }: Props) {
  const { t } = useTranslation("results");
  const language = useLanguage();
  const { data, error, refetch } = useQuery({
    queryKey: [...keys.task(runId, operator), moment],
    queryFn: ({ signal }) => getTask(runId, operator, signal),
    placeholderData: (before) => before,
  });
  if (error) return <Failure error={error} again={() => void refetch()} />;
  if (!data) return null;
  return (
    <>
      <section>
        <h3 className="row">{t("why.run")} <Status status={data.status} /></h3>
        {data.waits ? <p className="bad" data-testid="why-waits">{t("why.waits", { why: data.waits })}</p> : null}
        {data.cached_from ? (
          <p>
            {t("why.cachedFrom")}{" "}
            <a href={`#${to("/runs/:runId", { runId: data.cached_from.run_id })}`}>{data.cached_from.run_id}</a>
            {showRun ? <> · <button type="button" className="link" onClick={() => showRun(data.cached_from?.run_id ?? "")}>{t("why.showOnCanvas")}</button></> : null}
          </p>
        ) : null}
        {data.story.length > 0 ? (
          <ol className="story">{data.story.map((line, at) => <li key={at}><time className="muted mono" dateTime={new Date(line.at_ms).toISOString()}>{formatClock(language, line.at_ms)}</time> {chosen(language, line.text.en, line.text.zh)}</li>)}</ol>
        ) : data.cached_from ? null : (
          <p className="muted">{t("why.noStory")}</p>
        )}
      </section>
      {data.attempts.length > 0 ? (
        <section>
          <h3>{t("why.attempts")}</h3>
          <table className="table">
            <thead>
              <tr>
                <th scope="col" className="num">{t("why.attempt")}</th>
                <th scope="col">{t("why.outcome")}</th>
                <th scope="col">{t("why.started")}</th>
                <th scope="col" className="num">{t("why.took")}</th>
                <th scope="col" className="num">{t("why.cpu")}</th>
                <th scope="col" className="num">{t("why.memory")}</th>
                <th scope="col">{t("why.error")}</th>
              </tr>
            </thead>
            <tbody>
              {data.attempts.map((attempt) => (
                <tr key={attempt.attempt}>
                  <td className="num">{attempt.attempt}</td>
                  <td>{t(`attempt.${attempt.status}`)}</td>
                  <td>{formatTime(language, attempt.started_at_ms)}</td>
                  <td className="num">{attempt.duration_us === undefined ? "" : formatDuration(language, attempt.duration_us)}</td>
                  <td className="num">{attempt.cpu_us === undefined ? "" : formatDuration(language, attempt.cpu_us)}</td>
                  <td className="num">{attempt.peak_rss_bytes ? formatBytes(language, attempt.peak_rss_bytes) : ""}</td>
                  <td className="bad">{attempt.error?.message}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : null}
    </>
  );
}
