// The confusion matrix; where the evaluation has a table of thresholds, at a threshold that is dragged.
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Chart } from "@/charts/Chart";
import type { Judged } from "@/charts/drawing";
import { confusion } from "@/charts/options/matrix";
import { figuresAt, nearest } from "@/charts/threshold";
import { useLook } from "@/charts/useLook";

const START = 0.5;
const FIGURES = ["precision", "recall", "specificity", "f1", "accuracy"] as const;

export function Confusion({ run, file }: { run: Judged; file: string }) {
  const { t } = useTranslation("charts");
  const look = useLook();
  const { evaluation } = run;
  const thresholds = useMemo(() => evaluation.thresholds.map((row) => row.threshold).sort((a, b) => a - b), [evaluation]);
  const [chosen, setChosen] = useState<number | null>(null);
  const start = useMemo(() => thresholds.indexOf(nearest(evaluation.thresholds, START)?.threshold ?? 0), [evaluation, thresholds]);
  const at = chosen ?? start;
  const figures = thresholds.length > 0 ? figuresAt(evaluation, thresholds[Math.min(at, thresholds.length - 1)] ?? START) : null;
  const matrix = figures?.matrix ?? evaluation.matrix;
  const drawing = useMemo(() => (matrix ? confusion(matrix, look) : null), [matrix, look]);
  if (drawing === null) return null;
  return (
    <div className="confusion">
      {figures ? (
        <div className="confusion-at">
          <label className="row">
            <span>{t("threshold")}</span>
            <input type="range" min={0} max={thresholds.length - 1} step={1} value={at} aria-valuetext={look.number(figures.threshold)} onChange={(event) => setChosen(Number(event.target.value))} />
            <output className="num">{look.number(figures.threshold)}</output>
          </label>
          <p className="muted">{t("thresholdHelp")}</p>
          <dl className="figures figures-small">
            {FIGURES.map((name) => (
              <div key={name}>
                <dt>{t(name)}</dt>
                <dd className="num" data-figure={name}>{figures[name] === null ? "–" : look.percent(figures[name])}</dd>
              </div>
            ))}
          </dl>
        </div>
      ) : null}
      <Chart drawing={drawing} label={`${t("confusion")}: ${run.name}`} file={file} height={260} />
    </div>
  );
}
