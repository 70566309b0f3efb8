// When the DAG runs by itself: its fields, when it would be due, and whether the server runs it.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Problem } from "@/api/problem";
import { keys } from "@/api/queries";
import { getSchedule, previewSchedule } from "@/api/schedules";
import { told } from "@/i18n/faults";
import { formatTime } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { PauseButton } from "@/schedules/PauseButton";
import { useScheduleNews } from "@/schedules/useScheduleNews";
import { useEditor } from "../state/context";
import { PlainField } from "./PlainField";

const ZONE_EXAMPLE = "Asia/Shanghai";
const POLICIES = ["skip", "once", "all"] as const;

interface Schedule {
  cron: string;
  timezone: string;
  missed: string;
}

interface ScheduleFieldsProps {
  value: unknown;
  readOnly: boolean;
  onCommit: (value: unknown) => boolean;
}

export function ScheduleFields({ value, readOnly, onCommit }: ScheduleFieldsProps) {
  const { t } = useTranslation("schedules");
  const schedule = read(value);
  const set = (change: Partial<Schedule>) => {
    const next = { ...schedule, ...change };
    return onCommit(next.cron === "" ? null : { cron: next.cron, ...(next.timezone ? { timezone: next.timezone } : {}), ...(next.missed ? { missed: next.missed } : {}) });
  };
  return (
    <>
      <h3>{t("schedule")}</h3>
      <PlainField label={t("cron")} help={t("cronHelp")} value={schedule.cron} placeholder="0 6 * * *" readOnly={readOnly} onCommit={(cron) => set({ cron })} testId="dag-cron" />
      {schedule.cron !== "" ? (
        <>
          <PlainField label={t("timezone")} help={t("timezoneHelp")} value={schedule.timezone} placeholder={ZONE_EXAMPLE} readOnly={readOnly} onCommit={(timezone) => set({ timezone })} testId="dag-timezone" />
          <PlainField
            label={t("missed")} help={t("missedHelp")} value={schedule.missed} readOnly={readOnly} options={["", ...POLICIES]} testId="dag-missed"
            optionText={(option) => t(option === "" ? "unset" : `policy.${option}`)} onCommit={(missed) => set({ missed })}
          />
          <Due cron={schedule.cron} timezone={schedule.timezone} />
          <Kept />
        </>
      ) : null}
    </>
  );
}

/** When it would be due, or why it is none. */
function Due({ cron, timezone }: { cron: string; timezone: string }) {
  const { t } = useTranslation("schedules");
  const language = useLanguage();
  const { data, error } = useQuery({ queryKey: keys.schedulePreview(cron, timezone), queryFn: () => previewSchedule(cron, timezone) });
  if (error instanceof Problem) return <div className="field-said" role="alert"><span className="bad">{told(error)}</span> {error.hint}</div>;
  if (!data) return null;
  return (
    <div className="field-said" data-testid="dag-due" title={t("yourTime")}>
      {t("nextRuns")}
      {data.next.map((at) => <div key={at} className="num">{formatTime(language, at)}</div>)}
    </div>
  );
}

/** What the server has of it: the version that was saved last. */
function Kept() {
  const { t } = useTranslation("schedules");
  const dagId = useEditor((state) => state.dagId);
  const title = useEditor((state) => state.title);
  useScheduleNews();
  const { data, error } = useQuery({ queryKey: keys.schedule(dagId), queryFn: () => getSchedule(dagId) });
  if (error instanceof Problem && error.status === 404) return <div className="field-said" data-testid="dag-schedule-state">{t("notKept")}</div>;
  if (!data || error) return null;
  return (
    <div className="row" data-testid="dag-schedule-state">
      <span className="field-said grow">{data.paused ? t("keptPaused") : t("keptOn", { version: data.version })}</span>
      <PauseButton dagId={dagId} title={title} paused={data.paused} />
    </div>
  );
}

/** A cron line, or a map with one. */
function read(given: unknown): Schedule {
  if (typeof given === "string") return { cron: given, timezone: "", missed: "" };
  const map = typeof given === "object" && given !== null ? (given as Record<string, unknown>) : {};
  const text = (name: string) => (typeof map[name] === "string" ? (map[name] as string) : "");
  return { cron: text("cron"), timezone: text("timezone"), missed: text("missed") };
}
