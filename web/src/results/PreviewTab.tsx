// Rows of what the selected operator read and made, side by side; of an edge, what flows along it.
import { useTranslation } from "react-i18next";
import { useLiveRun } from "@/api/live";
import { useCatalogue } from "@/api/operators";
import type { PanelProps } from "@/editor/panel";
import { useLanguage } from "@/i18n/language";
import { operatorName, portName } from "./names";
import { OutputPane } from "./OutputPane";
import "./results.css";

export default function PreviewTab({ runId, dag, operator, kind, inputs, source, choosePort }: PanelProps) {
  const { t } = useTranslation("results");
  const language = useLanguage();
  const { catalogue } = useCatalogue();
  const { tasks } = useLiveRun(runId);
  if (runId === null) return null;
  const find = (from: { operator: string; port: number }) => tasks.get(from.operator)?.outputs.find((output) => output.port === from.port);
  const kindOf = (id: string) => catalogue.get(dag.operators.find((entry) => entry.id === id)?.algo_name ?? "");
  const name = (from: { operator: string; port: number }) => `${operatorName(language, dag, catalogue, from.operator)} · ${portName(kindOf(from.operator), from.port)}`;
  const outputs = kind?.outputs ?? [];
  return (
    <div className="preview">
      {operator && outputs.length > 1 ? (
        <div className="row preview-ports" role="group" aria-label={t("outputs")}>
          {outputs.map((output, port) => (
            <button key={port} type="button" className="button button-plain" aria-pressed={source?.port === port && source.operator === operator.id} onClick={() => choosePort(port)}>
              {output.name}
            </button>
          ))}
        </div>
      ) : null}
      <div className="panes">
        {operator
          ? inputs.map((from) => (
              <OutputPane key={`in-${from.target_index}-${from.operator}-${from.port}`} runId={runId} operator={from.operator} port={from.port} title={t("inputFrom", { name: name(from) })} output={find(from)} />
            ))
          : null}
        {source ? (
          <OutputPane key={`out-${source.operator}-${source.port}`} runId={runId} operator={source.operator} port={source.port} title={operator ? t("outputOf", { name: name(source) }) : name(source)} output={find(source)} />
        ) : null}
      </div>
    </div>
  );
}
