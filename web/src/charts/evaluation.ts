// What an evaluation says, read from the JSON of a metrics output; anything that is not there is left out.

/** A roc, pr, ks, gain, lift or calibration curve: columns of equal length. */
export type Columns = Record<string, number[]>;

/** What one threshold would give. */
export interface ThresholdRow {
  threshold: number;
  tp: number;
  fp: number;
  tn: number;
  fn: number;
}

export interface Matrix {
  labels: string[];
  /** Rows are true labels, columns predicted ones. */
  counts: number[][];
}

export interface ClassFigures {
  label: string;
  precision: number;
  recall: number;
  f1: number;
  support: number;
}

export interface Finding {
  code: string;
  severity: string;
  text: { en: string; zh: string };
  remedy: { en: string; zh: string };
  /** Whether the server knows edits that should mend it. */
  fixable: boolean;
}

export interface Evaluation {
  kind: string;
  rows: number | null;
  positive: string | null;
  negative: string | null;
  /** In the order of the evaluation; null where it could not be computed. */
  metrics: [string, number | null][];
  curves: Record<string, Columns>;
  thresholds: ThresholdRow[];
  matrix: Matrix | null;
  classes: ClassFigures[];
  findings: Finding[];
}

/** Reads an evaluation; null where the value is none (it has neither metrics nor a kind). */
export function readEvaluation(value: unknown): Evaluation | null {
  const it = record(value);
  if (it === null || typeof it.kind !== "string" || record(it.metrics) === null) return null;
  return {
    kind: it.kind,
    rows: finite(it.rows),
    positive: label(it.positive),
    negative: label(it.negative),
    metrics: Object.entries(record(it.metrics) ?? {}).flatMap(([name, figure]): [string, number | null][] =>
      figure === null || finite(figure) !== null ? [[name, finite(figure)]] : [],
    ),
    curves: readCurves(it.curves),
    thresholds: list(it.thresholds).flatMap(readThreshold),
    matrix: readMatrix(it.confusion_matrix),
    classes: list(it.classes).flatMap(readClass),
    findings: readFindings(it.findings),
  };
}

/** The findings of an evaluation or a report. */
export function readFindings(value: unknown): Finding[] {
  return list(value).flatMap((entry) => {
    const it = record(entry);
    if (it === null || typeof it.code !== "string") return [];
    return [
      {
        code: it.code,
        severity: text(it.severity) || "info",
        text: { en: text(it.text_en), zh: text(it.text_zh) || text(it.text_en) },
        remedy: { en: text(it.remedy_en), zh: text(it.remedy_zh) || text(it.remedy_en) },
        fixable: record(it.fix) !== null,
      },
    ];
  });
}

/** A figure by its name; null where it is not there. */
export function figure(evaluation: Evaluation, name: string): number | null {
  return evaluation.metrics.find(([known]) => known === name)?.[1] ?? null;
}

/** Columns of a curve, all of one length of at least two; null where one of them is missing. */
export function curve<Name extends string>(
  evaluation: Evaluation,
  name: string,
  columns: readonly Name[],
): Record<Name, number[]> | null {
  const all = evaluation.curves[name];
  if (all === undefined) return null;
  const found = {} as Record<Name, number[]>;
  let length: number | null = null;
  for (const column of columns) {
    const values = all[column];
    if (values === undefined || values.length < 1 || (length !== null && values.length !== length)) return null;
    length = values.length;
    found[column] = values;
  }
  return found;
}

function readCurves(value: unknown): Record<string, Columns> {
  const curves: Record<string, Columns> = {};
  for (const [name, columns] of Object.entries(record(value) ?? {})) {
    const read: Columns = {};
    for (const [column, values] of Object.entries(record(columns) ?? {})) {
      const known = numbers(list(values));
      if (known !== null) read[column] = known;
    }
    curves[name] = read;
  }
  return curves;
}

function readThreshold(value: unknown): ThresholdRow[] {
  const it = record(value);
  if (it === null) return [];
  const known = numbers([it.threshold, it.tp, it.fp, it.tn, it.fn]);
  if (known === null) return [];
  const [threshold = 0, tp = 0, fp = 0, tn = 0, fn = 0] = known;
  return [{ threshold, tp, fp, tn, fn }];
}

function readMatrix(value: unknown): Matrix | null {
  const it = record(value);
  if (it === null) return null;
  const labels = list(it.labels).map(cell);
  const binary = numbers([it.tn, it.fp, it.fn, it.tp]);
  const counts =
    binary !== null
      ? [binary.slice(0, 2), binary.slice(2)]
      : list(it.counts).map((row) => list(row).map((count) => finite(count) ?? 0));
  const square = counts.length === labels.length && counts.every((row) => row.length === labels.length);
  return square && labels.length > 0 ? { labels, counts } : null;
}

function readClass(value: unknown): ClassFigures[] {
  const it = record(value);
  if (it === null) return [];
  const known = numbers([it.precision, it.recall, it.f1, it.support]);
  if (known === null) return [];
  const [precision = 0, recall = 0, f1 = 0, support = 0] = known;
  return [{ label: cell(it.label), precision, recall, f1, support }];
}

export function record(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

export function finite(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Null unless all of them are finite numbers. */
function numbers(values: unknown[]): number[] | null {
  const found = values.map(finite);
  return found.every((number) => number !== null) ? found : null;
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A label of any type as it is read. */
export function cell(value: unknown): string {
  if (typeof value === "string") return value;
  return value === null || value === undefined ? "" : JSON.stringify(value);
}

function label(value: unknown): string | null {
  return value === null || value === undefined ? null : cell(value);
}
