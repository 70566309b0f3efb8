// Other parameters for an operator that failed; what had finished is kept, the rest runs with them.
import { useQuery } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { getDag } from "@/api/dags";
import { editDocument } from "@/api/documents";
import type { Catalogue } from "@/api/operators";
import { Problem } from "@/api/problem";
import { keys, queries } from "@/api/queries";
import { runSource, submitRun } from "@/api/runs";
import type { DagModel, Edit, Fault, OperatorKind, OperatorModel, ParamSpec, RunView } from "@/api/types";
import { go, to } from "@/app/router";
import { complain } from "@/app/toasts";
import { Field } from "@/editor/form/Field";
import { Fold } from "@/editor/form/Fold";
import { useColumns } from "@/editor/form/useColumns";
import "@/editor/form/form.css";
import { difference } from "@/graph/difference";
import { checkParam } from "@/graph/params";
import { told } from "@/i18n/faults";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

interface Props {
  run: RunView;
  dag: DagModel;
  operator: OperatorModel;
  kind: OperatorKind;
  catalogue: Catalogue;
  title: string;
  onClose: () => void;
}

/** Columns are read from the run: what fed the operator has finished. */
const everything = () => true;

export function FixDialog({ run, dag, operator, kind, catalogue, title, onClose }: Props) {
  const { t } = useTranslation("runs");
  const [params, setParams] = useState<Record<string, unknown>>(operator.params);
  // A field commits and enters in one event, before React draws anew.
  const latest = useRef(params);
  // What is being typed and would do; it counts once its field is left, as late as by the click that goes on.
  const [typed, setTyped] = useState<Record<string, unknown>>({});
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const [busy, setBusy] = useState(false);
  const columns = useColumns(dag, catalogue, operator, run.run_id, everything);
  const dagId = run.dag_id;
  const { data: now } = useQuery({ queryKey: keys.dag(dagId ?? ""), queryFn: () => getDag(dagId ?? ""), enabled: dagId !== undefined });
  const specs = kind.params.filter((spec) => !spec.legacy);
  const wrong = specs.some((spec) => checkParam(spec, Object.hasOwn(typed, spec.name) ? typed[spec.name] : params[spec.name]) !== null);

  const carryOn = async () => {
    setBusy(true);
    setFaults([]);
    try {
      const source = await runSource(run.run_id);
      const edits: Edit[] = difference(dag, { ...dag, operators: dag.operators.map((one) => (one.id === operator.id ? { ...one, params: latest.current } : one)) });
      const edited = edits.length > 0 ? (await editDocument(source, edits)).source : source;
      const answer = await submitRun({ source: edited, dag_id: dagId, options: { failed_of: run.run_id } });
      void queries.invalidateQueries({ queryKey: keys.dags });
      go(to("/runs/:runId", { runId: answer.run_id }));
    } catch (error) {
      if (error instanceof Problem && error.faults.length > 0) setFaults(error.faults.filter((fault) => !fault.warning));
      else complain(error);
      setBusy(false);
    }
  };

  const set = (name: string) => (value: unknown) => {
    const { [name]: before, ...rest } = latest.current;
    setTyped((now) => ({ ...now, [name]: value }));
    latest.current = value === undefined ? rest : { ...rest, [name]: value };
    if (before !== value) setParams(latest.current);
  };
  const enter = () => {
    if (!specs.some((spec) => checkParam(spec, latest.current[spec.name]) !== null)) void carryOn();
  };
  const field = (spec: ParamSpec) => (
    <Field key={spec.name} spec={spec} value={params[spec.name]} columns={columns} readOnly={busy} onCommit={set(spec.name)} onTyping={(value) => setTyped((before) => ({ ...before, [spec.name]: value }))} onEnter={enter} />
  );
  const advanced = specs.filter((spec) => spec.advanced);
  return (
    <Dialog
      title={t("fix.title", { name: title })} description={t("fix.explain")} onClose={onClose}
      foot={<><Button onClick={onClose}>{t("fix.leave")}</Button><Button primary icon={Play} disabled={busy || wrong} onClick={() => void carryOn()} data-testid="run-fix-done">{t("fix.do")}</Button></>}
    >
      {now && run.version !== undefined && now.version > run.version ? <p className="trouble trouble-warning">{t("fix.newer", { version: now.version })}</p> : null}
      {faults.map((fault) => (
        <div key={`${fault.code} ${fault.message}`} className="trouble trouble-error" role="alert">
          <div className="grow"><div>{told(fault)}</div>{fault.hint ? <div className="muted">{fault.hint}</div> : null}</div>
        </div>
      ))}
      {specs.filter((spec) => !spec.advanced).map(field)}
      {advanced.length > 0 ? <Fold name="advanced" label={t("editor:form.advanced", { count: advanced.length })}>{advanced.map(field)}</Fold> : null}
    </Dialog>
  );
}
