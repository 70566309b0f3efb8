import { expect, test } from "vitest";
import { judgesOf } from "./judges";
import { adjacency } from "./reach";
import { CATALOGUE, SEED, edge, op } from "./samples";

const TWO = {
  operators: [...SEED.operators, op("score", "score"), op("other", "evaluate")],
  edges: [...SEED.edges, edge("split", 1, "score", 0), edge("gbdt", 0, "score", 1), edge("score", 0, "other", 0)],
};

test.each<[string[], string[]]>([
  [[], []],
  [["eval"], ["eval"]],
  [["fit"], ["eval"]],
  [["gbdt"], ["eval", "other"]],
  [["split"], ["eval", "other"]],
  [["score"], ["other"]],
  [["other", "eval"], ["eval", "other"]],
  [["fit", "eval"], ["eval"]],
  [["fit", "gbdt"], []],
])("selected %j is judged by %j", (selected, expected) => {
  expect(judgesOf(TWO, CATALOGUE, adjacency(TWO), selected)).toEqual(expected);
});
