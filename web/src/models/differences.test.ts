// What of a comparison is shown, and what counts as changed.
import { expect, it } from "vitest";
import { ALIAS } from "./alias";
import { changed, shown } from "./differences";

it("shows what differs, or all", () => {
  const rows = [{ what: "a", differs: true }, { what: "b", differs: false }];
  expect(shown(rows, false).map((row) => row.what)).toEqual(["a"]);
  expect(shown(rows, true)).toHaveLength(2);
});

it("tells values that aren't the first one's, by value", () => {
  expect(changed({ what: "x", differs: true, values: [["a", "b"], ["a", "b"], ["b"], null] })).toEqual([false, false, true, true]);
  expect(changed({ what: "x", differs: true, values: [null, 0, null] })).toEqual([false, true, false]);
});

it("takes the aliases that the server takes", () => {
  for (const good of ["champion", "v2_old-one", "a", "a".repeat(63)]) expect(ALIAS.test(good), good).toBe(true);
  for (const bad of ["", "1", "Champion", "a b", "冠军", "_a", "a@b", "a".repeat(64)]) expect(ALIAS.test(bad), bad).toBe(false);
});
