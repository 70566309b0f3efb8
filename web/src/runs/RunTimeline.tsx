// When each operator of a run ran.
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { LiveTask } from "@/api/live";
import { Chart } from "@/charts/Chart";
import { gantt, type Span } from "@/charts/options/gantt";
import { useLook } from "@/charts/useLook";
import { formatDuration } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";

/** How often the bars of running operators grow. */
const TICK_MS = 1_000;

interface Props {
  runId: string;
  tasks: LiveTask[];
  over: boolean;
  name: (operator: string) => string;
}

export function RunTimeline({ runId, tasks, over, name }: Props) {
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
      return [{ operator: task.operator, name: name(task.operator), status: task.status, from_ms: task.started_at_ms, to_ms: ended }];
    });
    return gantt(spans, now, look, (ms) => formatDuration(language, ms * 1000));
  }, [tasks, name, now, look, language]);
  return (
    <section className="card run-card">
      {drawing ? <Chart drawing={drawing} label={t("timeline")} file={`run-${runId}`} height={140} lead={<h2>{t("timeline")}</h2>} /> : <><h2>{t("timeline")}</h2><p className="muted">{t("nothingRan")}</p></>}
    </section>
  );
}
