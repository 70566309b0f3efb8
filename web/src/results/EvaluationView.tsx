// An evaluation: figures beside those of the older run, findings in words, and its charts with several models over each other.
import { type ReactNode, memo } from "react";
import { useTranslation } from "react-i18next";
import type { Judged } from "@/charts/drawing";
import { type Evaluation, figure, type Finding } from "@/charts/evaluation";
import type { Report } from "@/charts/report";
import { formatChange, formatNumber } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { EvaluationCharts } from "./EvaluationCharts";
import { Findings } from "./Findings";
import "./results.css";

interface Props {
  /** Present models first, each perhaps followed by its older run. */
  runs: Judged[];
  /** Reports of the same operators: their charts stand beside those of the evaluation. */
  reports?: Report[];
  fix: ((finding: string) => Promise<void>) | null;
  /** For names of saved files. */
  file: string;
  /** Stands over the findings. */
  lead?: ReactNode;
}

const NONE: Report[] = [];

/** Drawn anew only with other figures: the page around it follows every event of a run. */
export const EvaluationView = memo(function EvaluationView({ runs, reports = NONE, fix, file, lead }: Props) {
  const findings: Finding[] = [...runs.filter((run) => !run.older).flatMap((run) => run.evaluation.findings)];
  if (findings.length === 0) findings.push(...reports.flatMap((report) => report.findings));
  const present = runs.filter((run) => !run.older);

  return (
    <div className="evaluation">
      {present.length > 0 || findings.length > 0 ? (
        <div className="evaluation-words">
          {lead}
          <Findings findings={findings} fix={fix} />
          <Figures runs={runs} />
        </div>
      ) : null}
      <EvaluationCharts runs={runs} reports={reports} file={file} fill />
    </div>
  );
});

/** A column for each model; where there is one model and its older run, how far each figure moved. */
function Figures({ runs }: { runs: Judged[] }) {
  const { t } = useTranslation("results");
  const language = useLanguage();
  const names = [...new Set(runs.flatMap((run) => run.evaluation.metrics.map(([name]) => name)))];
  if (names.length === 0) return null;
  const [first, second] = runs;
  const delta = runs.length === 2 && first && second?.older ? (name: string) => difference(first.evaluation, second.evaluation, name) : null;
  return (
    <table className="table figures-table" aria-label={t("figures")}>
      {runs.length > 1 ? (
        <thead>
          <tr>
            <th scope="col">{t("figure")}</th>
            {runs.map((run, at) => <th key={at} scope="col" className="num"><span className="clip" title={run.name}>{delta ? t(run.older ? "before" : "now") : run.name}</span></th>)}
            {delta ? <th scope="col" className="num">{t("change")}</th> : null}
          </tr>
        </thead>
      ) : null}
      <tbody>
        {names.map((name) => (
          <tr key={name}>
            <th scope="row">{t(`metric.${name}`, { defaultValue: name })}</th>
            {runs.map((run, at) => {
              const value = figure(run.evaluation, name);
              return <td key={at} className="num" data-metric={at === 0 ? name : undefined}>{value === null ? "–" : formatNumber(language, value)}</td>;
            })}
            {delta ? <td className="num muted">{signed(language, delta(name))}</td> : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function difference(now: Evaluation, before: Evaluation, name: string): number | null {
  const [a, b] = [figure(now, name), figure(before, name)];
  return a === null || b === null ? null : a - b;
}

function signed(language: "en" | "zh", value: number | null): string {
  if (value === null) return "";
  if (value === 0) return "=";
  return formatChange(language, value);
}
