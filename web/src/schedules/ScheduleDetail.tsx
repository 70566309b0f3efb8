// Below a schedule: when it is due next, and what became of its due times.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { keys } from "@/api/queries";
import { dueTimes, scheduleHistory } from "@/api/schedules";
import { to } from "@/app/router";
import { formatTime } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import { Outcome } from "./Outcome";

export function ScheduleDetail({ dagId }: { dagId: string }) {
  const { t } = useTranslation("schedules");
  const language = useLanguage();
  const history = useQuery({
    queryKey: keys.scheduleHistory(dagId),
    queryFn: async () => {
      const [past, due] = await Promise.all([scheduleHistory(dagId), dueTimes(dagId)]);
      return { past: past.items, next: due.next };
    },
  });
  if (history.error) return <Failure error={history.error} again={() => void history.refetch()} />;
  if (!history.data) return <Spinner />;
  const { past, next } = history.data;
  return (
    <div className="schedule-detail" data-testid={`schedule-detail-${dagId}`}>
      <div>
        <h3>{t("nextRuns")}</h3>
        <ul>{next.map((at) => <li key={at} className="num">{formatTime(language, at)}</li>)}</ul>
      </div>
      <div className="grow">
        <h3>{t("history")}</h3>
        {past.length === 0 ? <p className="muted">{t("noHistory")}</p> : (
          <table className="table">
            <thead><tr><th>{t("due")}</th><th>{t("outcome")}</th><th>{t("run")}</th></tr></thead>
            <tbody>
              {past.map((due) => (
                <tr key={due.logical_ms}>
                  <td>{formatTime(language, due.logical_ms)}</td>
                  <td><Outcome due={due} /></td>
                  <td>{due.run_id ? <a className="mono" href={`#${to("/runs/:runId", { runId: due.run_id })}`}>{due.run_id}</a> : ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </div>
  );
}
