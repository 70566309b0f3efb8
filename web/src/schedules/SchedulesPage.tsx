// All schedules: when they are due next, what became of the last time, pause, history.
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight } from "lucide-react";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import { keys } from "@/api/queries";
import { listSchedules } from "@/api/schedules";
import type { ScheduleView } from "@/api/types";
import { to } from "@/app/router";
import { formatAgo, formatTime } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { IconButton } from "@/ui/Button";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import { Outcome } from "./Outcome";
import { PauseButton } from "./PauseButton";
import { ScheduleDetail } from "./ScheduleDetail";
import { useScheduleNews } from "./useScheduleNews";
import "./schedules.css";

export default function SchedulesPage() {
  const { t } = useTranslation("schedules");
  useScheduleNews();
  const { data, error, refetch } = useQuery({ queryKey: keys.schedules, queryFn: listSchedules });
  if (error) return <Failure error={error} again={() => void refetch()} />;
  return (
    <div className="page">
      <div className="page-inner">
        <div className="page-head"><h1 className="grow">{t("title")}</h1><span className="muted">{t("yourTime")}</span></div>
        {!data ? <div className="empty"><Spinner /></div> : data.items.length === 0 ? (
          <div className="card empty">
            <h2>{t("none")}</h2>
            <p>{t("howTo")}</p>
            <a href="#/dags">{t("toDags")}</a>
          </div>
        ) : <List schedules={data.items} />}
      </div>
    </div>
  );
}

function List({ schedules }: { schedules: readonly ScheduleView[] }) {
  const { t } = useTranslation("schedules");
  const [open, setOpen] = useState<string | null>(null);
  return (
    <div className="card schedule-table">
      <table className="table">
        <thead><tr><th /><th>{t("dag")}</th><th>{t("when")}</th><th>{t("missed")}</th><th>{t("state")}</th><th>{t("next")}</th><th>{t("last")}</th><th /></tr></thead>
        <tbody>
          {schedules.map((schedule) => (
            <Fragment key={schedule.dag_id}>
              <Row schedule={schedule} open={open === schedule.dag_id} onOpen={() => setOpen(open === schedule.dag_id ? null : schedule.dag_id)} />
              {open === schedule.dag_id ? <tr><td colSpan={8}><ScheduleDetail dagId={schedule.dag_id} /></td></tr> : null}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ schedule, open, onOpen }: { schedule: ScheduleView; open: boolean; onOpen: () => void }) {
  const { t } = useTranslation("schedules");
  const language = useLanguage();
  const { dag_id: dagId, title, next_ms: next, last, paused } = schedule;
  return (
    <tr data-testid={`schedule-${dagId}`}>
      <td><IconButton plain icon={open ? ChevronDown : ChevronRight} label={t("more", { name: title })} aria-expanded={open} onClick={onOpen} data-testid={`schedule-open-${dagId}`} /></td>
      <td><a href={`#${to("/dags/:dagId", { dagId })}`}>{title}</a></td>
      <td><span className="mono">{schedule.cron}</span> <span className="muted">{schedule.timezone}</span></td>
      <td>{t(`policy.${schedule.missed}`)}</td>
      <td><span className={`tag ${paused ? "" : "tag-good"}`}>{t(paused ? "paused" : "active")}</span></td>
      <td>{next === undefined ? "" : <span title={formatTime(language, next)}>{formatAgo(language, next)}</span>}</td>
      <td>{last ? <><span title={formatTime(language, last.logical_ms)}>{formatAgo(language, last.logical_ms)}</span> <Outcome due={last} /></> : ""}</td>
      <td><PauseButton dagId={dagId} title={title} paused={paused} /></td>
    </tr>
  );
}
