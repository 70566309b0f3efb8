// CSV that spreadsheets read as it was meant.
import { expect, it } from "vitest";

import type { Cell } from "./drawing";
import { csv } from "./csv";

function check(cells: Cell[], expected: string) {
  expect(csv({ columns: ["a"], rows: [cells] })).toBe(`\uFEFFa\r\n${expected}\r\n`);
}

it("writes cells", () => {
  check(["x", 1.5, null], "x,1.5,");
  check(["中文", 'say "hi"', "a,b", "two\nlines"], '中文,"say ""hi""","a,b","two\nlines"');
});

it("disarms formulas", () => {
  check(["=1+1", "@x", "-x", -3], "'=1+1,'@x,'-x,-3");
});
