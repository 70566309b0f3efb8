// Where each input comes from: to be read, and to be drawn without a pointer.
import { useTranslation } from "react-i18next";
import type { EdgeModel, Edit, OperatorModel } from "@/api/types";
import { connect } from "@/graph/connect";
import { type Catalogue } from "@/graph/model";
import { Judge } from "@/graph/ports";
import { useLanguage } from "@/i18n/language";
import { namesOf } from "../canvas/names";
import { shownDag, useEditor } from "../state/context";
import { useMemo } from "react";

interface Option {
  key: string;
  edge: EdgeModel;
  text: string;
}

export function Connections({ operator, catalogue, readOnly }: { operator: OperatorModel; catalogue: Catalogue; readOnly: boolean }) {
  const { t } = useTranslation("editor");
  const language = useLanguage();
  const dag = useEditor(shownDag);
  const edit = useEditor((state) => state.edit);
  const kind = catalogue.get(operator.algo_name);
  const rows = useMemo(() => {
    if (!kind) return [];
    const judge = new Judge(dag, catalogue);
    return kind.inputs.map((input, index) => {
      const into = dag.edges.filter((edge) => edge.target === operator.id && (edge.target_index === index || (input.variadic && edge.target_index > index)));
      const options: Option[] = [];
      for (const other of dag.operators) {
        const otherKind = catalogue.get(other.algo_name);
        if (!otherKind || other.id === operator.id) continue;
        for (const [port, output] of otherKind.outputs.entries()) {
          const edge = { source: other.id, source_index: port, target: operator.id, target_index: judge.freeIndex(operator.id, index) };
          const here = into.some((one) => one.source === other.id && one.source_index === port);
          if (!here && !judge.judge(edge).ok) continue;
          const name = namesOf(other, otherKind, language).title;
          options.push({ key: `${other.id}\u0000${port}`, edge, text: otherKind.outputs.length > 1 ? `${name} · ${output.name}` : name });
        }
      }
      return { input, index, into, options };
    });
  }, [kind, dag, catalogue, operator.id, language]);
  if (rows.length === 0) return null;

  const choose = (into: readonly EdgeModel[], option: Option | undefined) => {
    const gone: Edit[] = into.map((edge) => ({ type: "remove_edge", ...edge }));
    if (!option) {
      edit("editor:step.disconnect", gone);
      return;
    }
    const { verdict, edits } = connect(dag, catalogue, option.edge);
    if (verdict.ok) edit(verdict.replaces ? "editor:step.replaceEdge" : "editor:step.connect", edits);
  };

  return (
    <fieldset className="connections">
      <legend>{t("form.inputs")}</legend>
      {rows.map(({ input, index, into, options }) => {
        const first = into[0];
        const now = !input.variadic && first ? `${first.source}\u0000${first.source_index}` : "";
        return (
          <label key={index} className="connection">
            <span className={`port-dot port-${input.type}`} aria-hidden />
            <span className="connection-name clip" title={t(`port.${input.type}`)}>{input.name}</span>
            <select
              className="input" disabled={readOnly} value={now} data-testid={`input-${index}`} aria-label={t("form.input", { name: input.name })}
              onChange={(event) => choose(into, options.find((option) => option.key === event.target.value))}
            >
              <option value="">{input.variadic && into.length > 0 ? t("form.connected", { count: into.length }) : t("form.notConnected")}</option>
              {options.map((option) => <option key={option.key} value={option.key}>{option.text}</option>)}
            </select>
          </label>
        );
      })}
    </fieldset>
  );
}
