// Settings of the DAG, shown when nothing is selected.
import { CircleAlert, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { DagField, Fault } from "@/api/types";
import { equal } from "@/graph/model";
import { isReadOnly, shownDag, useEditor } from "../state/context";
import { PlainField } from "./PlainField";

const ZONE_EXAMPLE = "Asia/Shanghai";

export function DagForm() {
  const { t } = useTranslation("editor");
  const dag = useEditor(shownDag);
  const readOnly = useEditor(isReadOnly);
  const title = useEditor((state) => state.title);
  const faults = useEditor((state) => state.faults);
  const edit = useEditor((state) => state.edit);
  const set = (field: DagField) => (value: unknown) => {
    if (equal(dag[field] ?? null, value)) return true;
    return edit("editor:step.dag", [{ type: "set_dag_field", field, value }]);
  };
  const schedule = readSchedule(dag.schedule);
  const setSchedule = (change: Partial<Schedule>) => {
    const next = { ...schedule, ...change };
    return set("schedule")(next.cron === "" ? null : { cron: next.cron, ...(next.timezone ? { timezone: next.timezone } : {}), ...(next.missed ? { missed: next.missed } : {}) });
  };
  const general = faults.filter((fault) => !fault.operator);
  return (
    <section className="form" aria-label={t("dag.label")} data-testid="dag-form">
      <header className="form-head">
        <div className="grow">
          <h2>{t("dag.label")}</h2>
          <div className="muted">{t("dag.counts", { operators: dag.operators.length, edges: dag.edges.length })}</div>
        </div>
      </header>
      <div className="form-body">
        {general.map((fault) => <GeneralFault key={`${fault.code}${fault.line}${fault.message}`} fault={fault} />)}
        <PlainField label={t("dag.name")} value={dag.name ?? ""} placeholder={title} readOnly={readOnly} onCommit={(text) => set("name")(text === "" ? null : text)} testId="dag-name" />
        <PlainField long label={t("dag.description")} value={dag.description ?? ""} readOnly={readOnly} onCommit={(text) => set("description")(text === "" ? null : text)} testId="dag-description" />
        <PlainField
          label={t("dag.concurrency")} help={t("dag.concurrencyHelp")} value={dag.concurrency === undefined ? "" : String(dag.concurrency)} readOnly={readOnly} testId="dag-concurrency"
          check={(text) => (text !== "" && !(Number.isInteger(Number(text)) && Number(text) > 0) ? t("fault.integer") : null)}
          onCommit={(text) => set("concurrency")(text === "" ? null : Number(text))}
        />
        <h3>{t("dag.schedule")}</h3>
        <PlainField label={t("dag.cron")} help={t("dag.cronHelp")} value={schedule.cron} placeholder="0 6 * * *" readOnly={readOnly} onCommit={(cron) => setSchedule({ cron })} testId="dag-cron" />
        {schedule.cron !== "" ? (
          <>
            <PlainField label={t("dag.timezone")} value={schedule.timezone} placeholder={ZONE_EXAMPLE} readOnly={readOnly} onCommit={(timezone) => setSchedule({ timezone })} testId="dag-timezone" />
            <PlainField
              label={t("dag.missed")} help={t("dag.missedHelp")} value={schedule.missed} readOnly={readOnly} options={["", "skip", "once", "all"]} testId="dag-missed"
              optionText={(option) => t(option === "" ? "form.unset" : `dag.missed_${option}`)} onCommit={(missed) => setSchedule({ missed })}
            />
          </>
        ) : null}
      </div>
    </section>
  );
}

interface Schedule {
  cron: string;
  timezone: string;
  missed: string;
}

/** A cron line, or a map with one. */
function readSchedule(given: unknown): Schedule {
  if (typeof given === "string") return { cron: given, timezone: "", missed: "" };
  const map = typeof given === "object" && given !== null ? (given as Record<string, unknown>) : {};
  const text = (name: string) => (typeof map[name] === "string" ? (map[name] as string) : "");
  return { cron: text("cron"), timezone: text("timezone"), missed: text("missed") };
}

function GeneralFault({ fault }: { fault: Fault }) {
  const { t } = useTranslation("editor");
  return (
    <div className={fault.warning ? "trouble trouble-warning" : "trouble trouble-error"}>
      {fault.warning ? <TriangleAlert size={15} aria-hidden /> : <CircleAlert size={15} aria-hidden />}
      <div className="grow">
        <div>{fault.message}{fault.line ? <span className="muted"> {t("fault.line", { line: fault.line })}</span> : null}</div>
        {fault.hint ? <div className="muted">{fault.hint}</div> : null}
      </div>
    </div>
  );
}
