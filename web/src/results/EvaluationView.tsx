// An evaluation: figures beside those of the older run, findings in words, and its charts with several models over each other.
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { available, type ChartId, draw } from "@/charts/available";
import { Chart } from "@/charts/Chart";
import type { Drawing, Judged } from "@/charts/drawing";
import { type Evaluation, figure, type Finding } from "@/charts/evaluation";
import type { Report } from "@/charts/report";
import { useLook } from "@/charts/useLook";
import { formatNumber } from "@/i18n/format";
import { chosen, useLanguage } from "@/i18n/language";
import { Confusion } from "./Confusion";
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
}

interface Choice {
  id: string;
  label: string;
  drawing: Drawing | null;
}

export function EvaluationView({ runs, reports = [], fix, file }: Props) {
  const { t } = useTranslation("charts");
  const language = useLanguage();
  const look = useLook();
  const [wanted, setWanted] = useState<string | null>(null);
  const choices = useMemo(() => {
    const found: Choice[] = available(runs, look).map((id: ChartId) => ({ id, label: t(id), drawing: draw(id, runs, look) }));
    if (runs.some((run) => run.evaluation.matrix)) found.push({ id: "confusion", label: t("confusion"), drawing: null });
    reports.forEach((report, at) =>
      report.charts.forEach((chart, which) => {
        const drawing = chart.draw(look);
        if (drawing) found.push({ id: `report-${at}-${which}`, label: chosen(language, chart.title.en, chart.title.zh), drawing });
      }),
    );
    return found;
  }, [runs, reports, look, t, language]);
  const shown = choices.find((choice) => choice.id === wanted) ?? choices[0];
  const findings: Finding[] = [...runs.filter((run) => !run.older).flatMap((run) => run.evaluation.findings)];
  if (findings.length === 0) findings.push(...reports.flatMap((report) => report.findings));
  const present = runs.filter((run) => !run.older);

  return (
    <div className="evaluation">
      {present.length > 0 || findings.length > 0 ? (
        <div className="evaluation-words">
          <Findings findings={findings} fix={fix} />
          <Figures runs={runs} />
        </div>
      ) : null}
      {shown ? (
        <div className="evaluation-chart">
          {choices.length > 1 ? (
            <div className="row chart-choice" role="group" aria-label={t("which")}>
              {choices.map((choice) => (
                <button key={choice.id} type="button" className="button button-plain" aria-pressed={choice === shown} onClick={() => setWanted(choice.id)} data-testid={`chart-${choice.id}`}>
                  {choice.label}
                </button>
              ))}
            </div>
          ) : null}
          {shown.drawing ? (
            <Chart drawing={shown.drawing} label={`${shown.label}: ${runs.map((run) => run.name).join(", ")}`} file={`${file}-${shown.id}`} height={300} />
          ) : (
            present.filter((run) => run.evaluation.matrix).map((run, at) => (
              <section key={at}>
                {present.length > 1 ? <h3>{run.name}</h3> : null}
                <Confusion run={run} file={`${file}-confusion`} />
              </section>
            ))
          )}
        </div>
      ) : null}
    </div>
  );
}

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
            {runs.map((run, at) => <th key={at} scope="col" className="num"><span className="clip" title={run.name}>{run.name}</span></th>)}
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
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 3, signDisplay: "always" }).format(value);
}
