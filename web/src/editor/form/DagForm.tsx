// Settings of the DAG, shown when nothing is selected.
import { CircleAlert, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { DagField, Fault } from "@/api/types";
import { equal } from "@/graph/model";
import { told } from "@/i18n/faults";
import { isReadOnly, shownDag, useEditor } from "../state/context";
import { PlainField } from "./PlainField";
import { ScheduleFields } from "./ScheduleFields";
import { WebhookField } from "./WebhookField";

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
        <ScheduleFields value={dag.schedule} readOnly={readOnly} onCommit={set("schedule")} />
        <h3>{t("schedules:webhooks")}</h3>
        <WebhookField field="on_failure" value={dag.on_failure} readOnly={readOnly} onCommit={set("on_failure")} />
        <WebhookField field="on_success" value={dag.on_success} readOnly={readOnly} onCommit={set("on_success")} />
      </div>
    </section>
  );
}

function GeneralFault({ fault }: { fault: Fault }) {
  const { t } = useTranslation("editor");
  return (
    <div className={fault.warning ? "trouble trouble-warning" : "trouble trouble-error"}>
      {fault.warning ? <TriangleAlert size={15} aria-hidden /> : <CircleAlert size={15} aria-hidden />}
      <div className="grow">
        <div>{told(fault)}{fault.line ? <span className="muted"> {t("fault.line", { line: fault.line })}</span> : null}</div>
        {fault.hint ? <div className="muted">{fault.hint}</div> : null}
      </div>
    </div>
  );
}
