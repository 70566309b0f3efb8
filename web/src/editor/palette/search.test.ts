import { describe, expect, it } from "vitest";
import { kind } from "@/graph/samples";
import { searchKinds } from "./search";

const KINDS = [
  { ...kind("standardize", [], []), name_en: "Standardize", name_zh: "标准化", doc_en: "Zero mean and unit variance." },
  { ...kind("algo_local_split_data", [], []), name_en: "Split", name_zh: "拆分组件", doc_en: "Cuts a table in two." },
  { ...kind("split_stratified", [], []), name_en: "Stratified Split", name_zh: "分层拆分", doc_en: "" },
];

describe("the search for operators", () => {
  for (const [query, expected] of [
    ["", ["standardize", "algo_local_split_data", "split_stratified"]],
    ["split", ["algo_local_split_data", "split_stratified"]],
    ["SPLIT strat", ["split_stratified"]],
    ["拆分", ["algo_local_split_data", "split_stratified"]],
    ["准化", ["standardize"]],
    ["algo_local", ["algo_local_split_data"]],
    ["variance", ["standardize"]],
    ["nothing like it", []],
  ] as const) {
    it(`finds ${query || "all"}`, () => {
      expect(searchKinds(KINDS, query).map((one) => one.algo_name)).toEqual(expected);
    });
  }
});
