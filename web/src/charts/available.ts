// Which charts an evaluation has, in the order they are offered; each draws one or more models over each other.
import type { Drawing, Judged, Look } from "./drawing";
import { classes, residuals } from "./options/bars";
import { calibration, gain, ks, lift, pr, roc } from "./options/curves";
import { predictedActual } from "./options/regression";
import { scores } from "./options/scores";

export type ChartId =
  | "roc"
  | "pr"
  | "ks"
  | "gain"
  | "lift"
  | "calibration"
  | "scores"
  | "classes"
  | "predictedActual"
  | "residuals";

const BUILDERS: [ChartId, (runs: Judged[], look: Look) => Drawing | null][] = [
  ["roc", roc],
  ["pr", pr],
  ["ks", ks],
  ["gain", gain],
  ["lift", lift],
  ["calibration", calibration],
  ["scores", scores],
  ["classes", (runs, look) => classes(runs[0]?.evaluation.classes ?? [], look)],
  ["predictedActual", predictedActual],
  ["residuals", residuals],
];

/** Those with something to draw. An older run alone offers nothing: charts follow the present one. */
export function available(runs: Judged[], look: Look): ChartId[] {
  const present = runs.filter((run) => !run.older);
  return BUILDERS.filter(([, build]) => build(present, look) !== null).map(([id]) => id);
}

export function draw(id: ChartId, runs: Judged[], look: Look): Drawing | null {
  return BUILDERS.find(([known]) => known === id)?.[1](runs, look) ?? null;
}
