// Evaluations of the selected operators: figures, findings and curves, over those of the run before.
import { useTranslation } from "react-i18next";
import { useMemo, useRef, useState } from "react";
import { isOver, useLiveRun } from "@/api/live";
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

export default function ChartsTab({ runId, previousRunId, dag, judges: operators, fix }: PanelProps) {
  const { t } = useTranslation("results");
  const language = useLanguage();
  const { catalogue } = useCatalogue();
  const [withOlder, setWithOlder] = useState(true);
  const found = useEvaluations(runId, withOlder ? previousRunId : null, operators, (id, older) => {
    // Of one model, which run it is says more than what it is called.
    if (operators.length === 1 && withOlder && previousRunId !== null) return t(older ? "before" : "now");
    const name = operatorName(language, dag, catalogue, id);
    return older ? t("olderRun", { name }) : name;
  });
  const going = useLiveRun(runId).run;
  // Charts are drawn anew only when something has come or the language changes.
  const signature = `${runId}/${previousRunId}/${withOlder}/${operators.join("/")}/${found.loading}/${found.runs.map((run) => run.name).join("/")}`;
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const newest = useMemo(() => found, [signature]);
  // Until a run that goes has figures of its own, those that stand there stay.
  const about = operators.join("/");
  const kept = useRef({ about, runs: newest.runs, reports: newest.reports });
  const empty = !newest.runs.some((run) => !run.older) && newest.reports.length === 0;
  const waits = empty && (newest.loading || going === null || !isOver(going));
  if (!waits || kept.current.about !== about) kept.current = { about, runs: newest.runs, reports: newest.reports };
  const { runs, reports } = kept.current;
  const [single] = operators;
  const fixing = fix !== null && operators.length === 1 && single !== undefined;
  const applyFix = useMemo(() => (fixing ? (finding: string) => fix(single, finding) : null), [fix, fixing, single]);
  const lead = useMemo(() => runId !== null && previousRunId !== null ? (
    <div className="row charts-older">
      <label className="row grow">
        <input type="checkbox" checked={withOlder} onChange={(event) => setWithOlder(event.target.checked)} />
        {t("withOlder")}
      </label>
      <a href={`#${to("/compare/:before/:after", { before: previousRunId, after: runId })}`} data-testid="charts-compare">{t("compareRuns")}</a>
    </div>
  ) : null, [runId, previousRunId, withOlder, t]);
  if (found.error && runs.length === 0) return <Failure error={found.error} again={found.again} />;
  if (runs.length === 0 && reports.length === 0) return <div className="empty">{found.loading ? <Spinner /> : t("noCharts")}</div>;
  return (
    <div className="charts-tab">
      <EvaluationView
        runs={runs} reports={reports} lead={lead} file={operators.join("+").slice(0, 60)}
        fix={applyFix}
      />
    </div>
  );
}
