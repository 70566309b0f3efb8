// What the changes did to the figures: each operator's metrics with how far they moved, and its curves over those of the other run.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { RunReport } from "@/api/reports";
import type { Judged } from "@/charts/drawing";
import { type Evaluation, figure, finite, readEvaluation } from "@/charts/evaluation";
import { formatNumber } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { EvaluationCharts } from "@/results/EvaluationCharts";
import "@/results/results.css";
import { judged, ofChange } from "./intervals";

interface Props {
  before: RunReport;
  after: RunReport;
  name: (operator: string) => string;
  only: string | null;
}

export function Figures({ before, after, name, only }: Props) {
  const { t } = useTranslation("compare");
  const operators = Object.keys(after.metrics).filter((id) => before.metrics[id] !== undefined && (only === null || id === only));
  if (operators.length === 0) return null;
  // Those that moved come first.
  const moved = (id: string) => JSON.stringify(before.metrics[id]) !== JSON.stringify(after.metrics[id]);
  operators.sort((a, b) => Number(moved(b)) - Number(moved(a)));
  return (
    <section className="card compare-card" data-testid="compare-figures">
      <h2>{t("figures")}</h2>
      {operators.map((id) => <OfOperator key={id} id={id} title={name(id)} heading={operators.length > 1} before={before} after={after} />)}
    </section>
  );
}

interface Row {
  metric: string;
  before: number | null;
  after: number | null;
}

function OfOperator({ id, title, heading, before, after }: { id: string; title: string; heading: boolean; before: RunReport; after: RunReport }) {
  const { t } = useTranslation("compare");
  const was = useMemo(() => readEvaluation(before.evaluations?.[id]), [before, id]);
  const is = useMemo(() => readEvaluation(after.evaluations?.[id]), [after, id]);
  const curves = useMemo((): Judged[] => {
    if (!was || !is) return [];
    return [{ name: t("after"), evaluation: is }, { name: t("before"), evaluation: was, older: true }];
  }, [was, is, t]);
  const rows: Row[] = is && was
    ? is.metrics.map(([metric, value]) => ({ metric, before: figure(was, metric), after: value }))
    : Object.entries(after.metrics[id] ?? {}).map(([metric, value]) => ({ metric, before: finite(before.metrics[id]?.[metric]), after: finite(value) }));
  return (
    <div className="column" data-testid={`figures-${id}`}>
      {heading ? <h3 title={id}>{title}</h3> : null}
      <div className="compare-figures">
        <Deltas rows={rows} was={was} is={is} />
        <EvaluationCharts runs={curves} file={`compare-${id}`.slice(0, 60)} />
      </div>
    </div>
  );
}

function Deltas({ rows, was, is }: { rows: Row[]; was: Evaluation | null; is: Evaluation | null }) {
  const { t } = useTranslation(["compare", "results"]);
  const language = useLanguage();
  const intervals = rows.map(({ metric }) => (was && is ? ofChange(was, is, metric) : null));
  const signed = new Intl.NumberFormat(language, { maximumSignificantDigits: 3, signDisplay: "always" });
  return (
    <div className="compare-deltas">
      <table className="table figures-table">
        <thead>
          <tr>
            <th scope="col">{t("figure")}</th><th scope="col" className="num">{t("before")}</th><th scope="col" className="num">{t("after")}</th>
            <th scope="col" className="num">{t("change")}</th>{intervals.some(Boolean) ? <th scope="col" className="num">{t("interval")}</th> : null}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => {
            const change = row.before === null || row.after === null ? null : row.after - row.before;
            const interval = intervals[at];
            // What chance may have done is neither good nor bad.
            const chance = interval && interval.low <= 0 && interval.high >= 0;
            const side = change === null || chance ? 0 : judged(row.metric, change);
            return (
              <tr key={row.metric} data-testid={`delta-${row.metric}`}>
                <th scope="row">{t(`results:metric.${row.metric}`, { defaultValue: row.metric })}</th>
                <td className="num">{row.before === null ? "–" : formatNumber(language, row.before)}</td>
                <td className="num">{row.after === null ? "–" : formatNumber(language, row.after)}</td>
                <td className={`num ${side > 0 ? "good" : side < 0 ? "bad" : "muted"}`}>{change === null ? "" : change === 0 ? "=" : signed.format(change)}</td>
                {intervals.some(Boolean) ? <td className="num muted">{interval && change !== 0 ? t("between", { low: signed.format(interval.low), high: signed.format(interval.high) }) : ""}</td> : null}
              </tr>
            );
          })}
        </tbody>
      </table>
      {intervals.some(Boolean) ? <p className="muted compare-note">{t("intervalHelp")}</p> : null}
    </div>
  );
}
