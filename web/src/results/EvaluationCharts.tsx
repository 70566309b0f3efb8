// The charts of an evaluation, one at a time, with several models or an older run over each other.
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { available, type ChartId, draw } from "@/charts/available";
import { Chart } from "@/charts/Chart";
import type { Drawing, Judged } from "@/charts/drawing";
import type { Report } from "@/charts/report";
import { useLook } from "@/charts/useLook";
import { chosen, useLanguage } from "@/i18n/language";
import { Confusion } from "./Confusion";

interface Props {
  /** Present models first, each perhaps followed by its older run. */
  runs: Judged[];
  /** Reports of the same operators: their charts stand beside those of the evaluation. */
  reports?: Report[];
  /** For names of saved files. */
  file: string;
  /** Charts take the height there is rather than one of their own. */
  fill?: boolean;
}

interface Choice {
  id: string;
  label: string;
  /** None where it isn't a drawing but a table of its own. */
  draw: (() => Drawing | null) | null;
}

const NONE: Report[] = [];

export function EvaluationCharts({ runs, reports = NONE, file, fill }: Props) {
  const { t } = useTranslation("charts");
  const language = useLanguage();
  const look = useLook();
  const [wanted, setWanted] = useState<string | null>(null);
  const choices = useMemo(() => {
    const found: Choice[] = available(runs, look).map((id: ChartId) => ({ id, label: t(id), draw: () => draw(id, runs, look) }));
    if (runs.some((run) => run.evaluation.matrix)) found.push({ id: "confusion", label: t("confusion"), draw: null });
    reports.forEach((report, at) =>
      report.charts.forEach((chart, which) => {
        const drawing = chart.draw(look);
        if (drawing) found.push({ id: `report-${at}-${which}`, label: chosen(language, chart.title.en, chart.title.zh), draw: () => drawing });
      }),
    );
    return found;
  }, [runs, reports, look, t, language]);
  const shown = choices.find((choice) => choice.id === wanted) ?? choices[0];
  const drawing = useMemo(() => shown?.draw?.() ?? null, [shown]);
  const present = runs.filter((run) => !run.older);
  if (!shown) return null;
  const choice = choices.length > 1 ? (
    <div className="row chart-choice" role="group" aria-label={t("which")}>
      {choices.map((one) => (
        <button key={one.id} type="button" className="button button-plain" aria-pressed={one === shown} onClick={() => setWanted(one.id)} data-testid={`chart-${one.id}`}>
          {one.label}
        </button>
      ))}
    </div>
  ) : null;
  return (
    <div className="evaluation-chart">
      {drawing ? (
        <Chart drawing={drawing} label={`${shown.label}: ${runs.map((run) => run.name).join(", ")}`} file={`${file}-${shown.id}`} height={fill ? "fill" : 300} lead={choice} />
      ) : (
        <>
          {choice}
          {present.filter((run) => run.evaluation.matrix).map((run, at) => (
            <section key={at}>
              {present.length > 1 ? <h3>{run.name}</h3> : null}
              <Confusion run={run} file={`${file}-confusion`} />
            </section>
          ))}
        </>
      )}
    </div>
  );
}
