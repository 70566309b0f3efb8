// Evaluations of the selected operators: figures, findings and curves, over those of the run before.
import { useTranslation } from "react-i18next";
import { useMemo, useState } from "react";
import { useCatalogue } from "@/api/operators";
import { to } from "@/app/router";
import type { PanelProps } from "@/editor/panel";
import { useLanguage } from "@/i18n/language";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import { EvaluationView } from "./EvaluationView";
import { operatorName } from "./names";
import { useEvaluations } from "./useEvaluations";
import "./results.css";

export default function ChartsTab({ runId, previousRunId, dag, operator, source, selected, fix }: PanelProps) {
  const { t } = useTranslation("results");
  const language = useLanguage();
  const { catalogue } = useCatalogue();
  const [withOlder, setWithOlder] = useState(true);
  const operators = selected.length > 0 ? selected : operator ? [operator.id] : source ? [source.operator] : [];
  const found = useEvaluations(runId, withOlder ? previousRunId : null, operators, (id, older) => {
    // Of one model, which run it is says more than what it is called.
    if (operators.length === 1 && withOlder && previousRunId !== null) return t(older ? "before" : "now");
    const name = operatorName(language, dag, catalogue, id);
    return older ? t("olderRun", { name }) : name;
  });
  // Charts are drawn anew only when something has come or the language changes.
  const signature = `${runId}/${previousRunId}/${withOlder}/${operators.join("/")}/${found.loading}/${found.runs.map((run) => run.name).join("/")}`;
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const { runs, reports } = useMemo(() => found, [signature]);
  if (found.error && runs.length === 0) return <Failure error={found.error} again={found.again} />;
  if (runs.length === 0 && reports.length === 0) return <div className="empty">{found.loading ? <Spinner /> : t("noCharts")}</div>;
  const [single] = operators;
  const lead = runId !== null && previousRunId !== null ? (
    <div className="row charts-older">
      <label className="row grow">
        <input type="checkbox" checked={withOlder} onChange={(event) => setWithOlder(event.target.checked)} />
        {t("withOlder")}
      </label>
      <a href={`#${to("/compare/:before/:after", { before: previousRunId, after: runId })}`} data-testid="charts-compare">{t("compareRuns")}</a>
    </div>
  ) : null;
  return (
    <div className="charts-tab">
      <EvaluationView
        runs={runs} reports={reports} lead={lead} file={operators.join("+").slice(0, 60)}
        fix={fix && operators.length === 1 && single !== undefined ? (finding) => fix(single, finding) : null}
      />
    </div>
  );
}
