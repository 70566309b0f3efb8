// The form of the selected operator, made from what its kind declares.
import { TriangleAlert } from "lucide-react";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { LiveRun } from "@/api/live";
import type { Fault, LintFinding, OperatorField, OperatorModel, ParamSpec } from "@/api/types";
import { fieldOf, requirementsOf } from "@/graph/fields";
import { equal, operatorOf, type Catalogue } from "@/graph/model";
import { checkParam } from "@/graph/params";
import { chosen, useLanguage } from "@/i18n/language";
import { Button } from "@/ui/Button";
import { categoryIcon } from "../canvas/icons";
import { namesOf } from "../canvas/names";
import { isReadOnly, shownDag, useEditor, useEditorStore } from "../state/context";
import { Connections } from "./Connections";
import { ParamField } from "./Field";
import { Fold } from "./Fold";
import { PlainField } from "./PlainField";
import { Failed, Troubles } from "./Troubles";
import { useColumns } from "./useColumns";

interface OperatorFormProps {
  operator: OperatorModel;
  catalogue: Catalogue;
  live: LiveRun;
  faults: readonly Fault[];
  lint: readonly LintFinding[];
}

const RUN_FIELDS: { field: OperatorField; kind: "text" | "number" | "yes" | "rule" | "list" }[] = [
  { field: "executor", kind: "text" }, { field: "retries", kind: "number" }, { field: "retry_delay", kind: "text" }, { field: "timeout", kind: "text" },
  { field: "cache", kind: "yes" }, { field: "priority", kind: "number" }, { field: "trigger_rule", kind: "rule" }, { field: "pool", kind: "text" }, { field: "env", kind: "list" },
];
const RULES = ["all_success", "all_done", "one_success", "one_failed", "all_failed", "none_failed"];

export function OperatorForm({ operator, catalogue, live, faults, lint }: OperatorFormProps) {
  const { t } = useTranslation("editor");
  const language = useLanguage();
  const store = useEditorStore();
  const dag = useEditor(shownDag);
  const readOnly = useEditor(isReadOnly);
  const edit = useEditor((state) => state.edit);
  const speculate = useEditor((state) => state.speculate);
  const run = useEditor((state) => state.run);
  const runId = useEditor((state) => state.runId);
  const kind = catalogue.get(operator.algo_name);
  const tasks = live.tasks;
  const columns = useColumns(dag, catalogue, operator, runId, (id) => ["success", "cached"].includes(tasks.get(id)?.status ?? ""));
  const { title } = namesOf(operator, kind, language);
  const Icon = categoryIcon(kind?.category);
  const id = operator.id;

  const commit = useCallback((name: string, value: unknown) => {
    const params = operatorOf(shownDag(store.getState()), id)?.params ?? {};
    const had = Object.hasOwn(params, name);
    if (value === undefined ? !had : had && equal(params[name], value)) return;
    edit("editor:step.param", [value === undefined ? { type: "remove_param", operator: id, name } : { type: "set_param", operator: id, name, value }]);
  }, [store, edit, id]);
  const typing = useCallback((name: string, value: unknown) => {
    if (value === undefined) return;
    speculate([{ type: "set_param", operator: id, name, value }]);
  }, [speculate, id]);
  const enter = useCallback(() => void run({}), [run]);
  const setField = (field: OperatorField) => (value: unknown) => {
    if (equal(fieldOf(operator, field), value)) return true;
    return edit("editor:step.field", [{ type: "set_field", operator: id, field, value }]);
  };

  const specs = kind?.params ?? [];
  const known = new Set(specs.map((spec) => spec.name));
  const own = specs.filter((spec) => !spec.legacy && !spec.advanced);
  const advanced = specs.filter((spec) => !spec.legacy && spec.advanced);
  const old = specs.filter((spec) => spec.legacy && Object.hasOwn(operator.params, spec.name));
  const strange = Object.keys(operator.params).filter((name) => !known.has(name));
  const field = (spec: ParamSpec) => (
    <ParamField key={`${id} ${spec.name}`} spec={spec} value={operator.params[spec.name]} columns={columns} readOnly={readOnly} onCommit={commit} onTyping={typing} onEnter={enter} />
  );

  return (
    <section className="form" aria-label={t("form.label", { name: title })} data-testid="form">
      <header className="form-head">
        <Icon size={18} aria-hidden />
        <div className="grow">
          <h2 className="clip">{title}</h2>
          <div className="muted clip mono form-id" title={id}>{operator.algo_name}</div>
        </div>
      </header>
      <div className="form-body">
        <Failed operator={id} live={live} readOnly={readOnly} />
        <Troubles faults={faults} lint={lint} readOnly={readOnly} />
        {kind ? <p className="muted form-doc">{chosen(language, kind.doc_en, kind.doc_zh)}</p> : null}
        {kind && !kind.available ? <p className="trouble trouble-warning"><TriangleAlert size={15} aria-hidden /><span>{t("form.notInstalled", { what: kind.install ?? "" })}</span></p> : null}
        {own.map(field)}
        {own.length > 0 && !readOnly ? <p className="muted form-keys">{t("form.keys")}</p> : null}
        {advanced.length > 0 ? <Fold name="advanced" label={t("form.advanced", { count: advanced.length })} forced={advanced.some((spec) => checkParam(spec, operator.params[spec.name]) !== null)}>{advanced.map(field)}</Fold> : null}
        {old.length + strange.length > 0 ? (
          <Fold name="legacy" label={t("form.legacy", { count: old.length + strange.length })}>
            {[...old.map((spec) => spec.name), ...strange].map((name) => (
              <div key={name} className="field-old">
                <span className="mono grow clip" title={JSON.stringify(operator.params[name])}>{name}: {JSON.stringify(operator.params[name])}</span>
                {readOnly ? null : <Button plain onClick={() => commit(name, undefined)} aria-label={t("form.removeParam", { name })}>{t("form.remove")}</Button>}
              </div>
            ))}
          </Fold>
        ) : null}
        <Connections operator={operator} catalogue={catalogue} readOnly={readOnly} />
        <Fold name="running" label={t("form.running")}>
          <PlainField label={t("form.cn_name")} value={operator.cn_name ?? ""} readOnly={readOnly} onCommit={(text) => setField("cn_name")(text === "" ? null : text)} testId="field-cn_name" />
          {RUN_FIELDS.map(({ field: name, kind: of }) => (
            <PlainField
              key={`${id} ${name}`} label={t(`form.${name}`)} help={t(`form.help.${name}`)} readOnly={readOnly} value={shownField(operator, name)} testId={`field-${name}`}
              options={of === "yes" ? ["", "true", "false"] : of === "rule" ? ["", ...RULES] : undefined}
              optionText={(option) => (option === "" ? t("form.unset") : of === "yes" ? t(option === "true" ? "form.yes" : "form.no") : t(`rule.${option}`))}
              onCommit={(text) => setField(name)(text === "" ? null : of === "number" ? Number(text) : of === "yes" ? text === "true" : of === "list" ? requirementsOf(text) : text)}
              check={(text) => (of === "number" && text !== "" && !Number.isInteger(Number(text)) ? t("fault.integer") : null)}
            />
          ))}
          <PlainField label={t("form.memory")} help={t("form.help.memory")} readOnly={readOnly} value={resource(operator, "memory")} testId="field-memory" onCommit={(text) => setField("resources")(withResource(operator, "memory", text))} />
          <PlainField label={t("form.cpu")} help={t("form.help.cpu")} readOnly={readOnly} value={resource(operator, "cpu")} testId="field-cpu" onCommit={(text) => setField("resources")(withResource(operator, "cpu", text))} check={(text) => (text !== "" && !(Number(text) > 0) ? t("fault.number") : null)} />
        </Fold>
      </div>
    </section>
  );
}

function shownField(operator: OperatorModel, field: OperatorField): string {
  const value = fieldOf(operator, field);
  if (Array.isArray(value)) return value.join(", ");
  return value === null || value === undefined ? "" : String(value);
}

type ResourceName = "memory" | "cpu";

function resource(operator: OperatorModel, name: ResourceName): string {
  const found = (fieldOf(operator, "resources") as Record<string, unknown> | null)?.[name];
  return found === undefined ? "" : String(found);
}

function withResource(operator: OperatorModel, name: ResourceName, text: string): unknown {
  const next: Record<string, unknown> = { ...(fieldOf(operator, "resources") as Record<string, unknown> | null) };
  if (text === "") delete next[name];
  else next[name] = name === "cpu" ? Number(text) : text;
  return Object.keys(next).length > 0 ? next : null;
}
