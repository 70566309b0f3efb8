// Figures of a binary classifier at a threshold, from the table of thresholds of its evaluation.
import type { Evaluation, Matrix, ThresholdRow } from "./evaluation";

export interface ThresholdFigures {
  threshold: number;
  matrix: Matrix;
  precision: number | null;
  recall: number | null;
  specificity: number | null;
  f1: number | null;
  accuracy: number | null;
}

/** The row of the table nearest to a threshold. */
export function nearest(rows: ThresholdRow[], threshold: number): ThresholdRow | null {
  let best: ThresholdRow | null = null;
  for (const row of rows) {
    if (best === null || Math.abs(row.threshold - threshold) < Math.abs(best.threshold - threshold)) best = row;
  }
  return best;
}

/** Null where the evaluation has no table of thresholds. */
export function figuresAt(evaluation: Evaluation, threshold: number): ThresholdFigures | null {
  const row = nearest(evaluation.thresholds, threshold);
  if (row === null) return null;
  const { tp, fp, tn, fn } = row;
  return {
    threshold: row.threshold,
    matrix: {
      labels: [evaluation.negative ?? "0", evaluation.positive ?? "1"],
      counts: [
        [tn, fp],
        [fn, tp],
      ],
    },
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    specificity: ratio(tn, tn + fp),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
    accuracy: ratio(tp + tn, tp + fp + tn + fn),
  };
}

/** The threshold with the highest F1, where the slider begins if 0.5 is outside of the scores. */
export function bestThreshold(evaluation: Evaluation): number | null {
  let best: { threshold: number; f1: number } | null = null;
  for (const row of evaluation.thresholds) {
    const f1 = ratio(2 * row.tp, 2 * row.tp + row.fp + row.fn) ?? 0;
    if (best === null || f1 > best.f1) best = { threshold: row.threshold, f1 };
  }
  return best?.threshold ?? null;
}

function ratio(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
