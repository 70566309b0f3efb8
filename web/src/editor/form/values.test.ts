import { describe, expect, it } from "vitest";
import type { ParamKind } from "@/api/types";
import { param } from "@/graph/samples";
import { fromText, toText } from "./values";

const CASES: [ParamKind, string, unknown][] = [
  ["number", "0.1", 0.1],
  ["number", "1e-4", 0.0001],
  ["number", "abc", "abc"],
  ["integer", "", undefined],
  ["string", "1", "1"],
  ["column", "AGE", "AGE"],
  ["any", "0.8", 0.8],
  ["any", "AGE", "AGE"],
  ["any", '"0.8"', "0.8"],
  ["any", "true", true],
  ["any", "[1,2]", [1, 2]],
  ["list", "1, 2, x", [1, 2, "x"]],
  ["map", '{"a":1}', { a: 1 }],
  ["dataset", "40", 40],
  ["path", "/data/a.csv", "/data/a.csv"],
];

describe("a field", () => {
  it("means what it says", () => {
    for (const [kind, text, value] of CASES) expect([kind, text, fromText(param("p", { kind }), text)]).toEqual([kind, text, value]);
  });

  it("shows a value so that it reads back", () => {
    for (const [kind, , value] of CASES) {
      const spec = param("p", { kind });
      expect([kind, fromText(spec, toText(spec, value))]).toEqual([kind, value]);
    }
  });

  it("reads its own choices", () => {
    expect(fromText(param("p", { kind: "integer", choices: ["auto"] }), "auto")).toBe("auto");
  });
});
