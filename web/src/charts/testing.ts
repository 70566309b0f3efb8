// What the tests of charts share: a look with plain words, and evaluations of real runs.
import { readFileSync } from "node:fs";

import type { Look } from "./drawing";
import { type Evaluation, readEvaluation } from "./evaluation";
import { paletteFrom } from "./palette";

export const look: Look = {
  palette: paletteFrom((name) => `<${name}>`),
  words: (key, values) => (values === undefined ? key : `${key} ${JSON.stringify(values)}`),
  number: (value) => String(Math.round(value * 1e4) / 1e4),
  percent: (value) => `${Math.round(value * 1000) / 10}%`,
};

/** As the evaluation operators wrote it; the program's own tests print the same files. */
export function recorded(name: "binary" | "multiclass" | "regression" | "unknown"): unknown {
  const path = new URL(`../../../crates/cli/src/show/evaluation/tests/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8"));
}

export function evaluation(name: "binary" | "multiclass" | "regression"): Evaluation {
  const read = readEvaluation(recorded(name));
  if (read === null) throw new Error(`${name}.json is no evaluation`);
  return read;
}
