// How much of a figure's change may be chance: intervals of figures that are shares of counted rows, and of the AUC.
import { curve, type Evaluation, figure } from "@/charts/evaluation";

/** Of the normal distribution, for intervals of 95 %. */
const Z = 1.959963984540054;

export interface Interval {
  low: number;
  high: number;
}

/** Figures that are better when they are smaller. */
const SMALLER_IS_BETTER = new Set(["log_loss", "brier", "mae", "rmse", "mape", "median_absolute_error", "max_error", "davies_bouldin", "noise_share"]);
/** Figures that have no better side. */
const NO_SIDE = new Set(["ks_threshold", "clusters", "bias"]);

/** 1 where the change is for the better, -1 for the worse, 0 where that can't be said. */
export function judged(metric: string, change: number): -1 | 0 | 1 {
  if (change === 0 || NO_SIDE.has(metric)) return 0;
  return change > 0 === SMALLER_IS_BETTER.has(metric) ? -1 : 1;
}

/**
 * 95 % interval of a figure's change from one evaluation to another, as if both had judged rows of their own; null for figures
 * that have no known one. Shares (accuracy, recall, …) by Newcombe's hybrid score, AUC and Gini by Hanley and McNeil.
 */
export function ofChange(before: Evaluation, after: Evaluation, metric: string): Interval | null {
  if (metric === "auc") return ofRanking(before, after, 1);
  if (metric === "gini") return ofRanking(before, after, 2);
  const [was, is] = [shareOf(before, metric), shareOf(after, metric)];
  return was && is ? newcombe(is, was) : null;
}

interface Share {
  hits: number;
  of: number;
}

/** A figure that is a share of counted rows. */
function shareOf(evaluation: Evaluation, metric: string): Share | null {
  const counts = evaluation.matrix?.counts;
  if (!counts) return null;
  const all = counts.flat().reduce((sum, count) => sum + count, 0);
  if (metric === "accuracy") return filled(counts.reduce((sum, row, at) => sum + (row[at] ?? 0), 0), all);
  const [negatives, positives] = counts;
  if (evaluation.kind !== "binary" || counts.length !== 2 || !negatives || !positives) return null;
  const [tn = 0, fp = 0] = negatives;
  const [fn = 0, tp = 0] = positives;
  if (metric === "recall") return filled(tp, tp + fn);
  if (metric === "precision") return filled(tp, tp + fp);
  if (metric === "specificity") return filled(tn, tn + fp);
  return null;
}

function filled(hits: number, of: number): Share | null {
  return of > 0 ? { hits, of } : null;
}

/** Wilson's score interval of one share. */
export function wilson({ hits, of }: Share): Interval {
  const share = hits / of;
  const middle = share + (Z * Z) / (2 * of);
  const half = Z * Math.sqrt((share * (1 - share)) / of + (Z * Z) / (4 * of * of));
  const scale = 1 + (Z * Z) / of;
  return { low: Math.max(0, (middle - half) / scale), high: Math.min(1, (middle + half) / scale) };
}

/** Newcombe's tenth method, for `a` less `b`. */
export function newcombe(a: Share, b: Share): Interval {
  const [p, q] = [a.hits / a.of, b.hits / b.of];
  const [one, two] = [wilson(a), wilson(b)];
  return { low: p - q - Math.hypot(p - one.low, two.high - q), high: p - q + Math.hypot(one.high - p, q - two.low) };
}

function ofRanking(before: Evaluation, after: Evaluation, scale: number): Interval | null {
  const [was, is] = [rankingError(before), rankingError(after)];
  const [old, now] = [figure(before, "auc"), figure(after, "auc")];
  if (was === null || is === null || old === null || now === null) return null;
  const half = Z * Math.hypot(was, is) * scale;
  const change = (now - old) * scale;
  return { low: change - half, high: change + half };
}

function rankingError(evaluation: Evaluation): number | null {
  const auc = figure(evaluation, "auc");
  const [negatives, positives] = evaluation.matrix?.counts ?? [];
  // Without a curve the figure stands for no ranking of these rows.
  if (auc === null || evaluation.kind !== "binary" || !negatives || !positives || !curve(evaluation, "roc", ["fpr", "tpr"])) return null;
  const sum = (row: number[]) => row.reduce((total, count) => total + count, 0);
  return hanleyMcNeil(auc, sum(positives), sum(negatives));
}

/** Standard error of an AUC. */
export function hanleyMcNeil(auc: number, positives: number, negatives: number): number | null {
  if (positives < 1 || negatives < 1) return null;
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc * auc) / (1 + auc);
  const variance = (auc * (1 - auc) + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc)) / (positives * negatives);
  return Math.sqrt(Math.max(0, variance));
}
