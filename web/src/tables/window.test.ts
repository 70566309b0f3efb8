// What is in view, from a few rows to ten million.
import { describe, expect, it } from "vitest";

import { columnsInView, edges, MAX_SCROLL_HEIGHT_PX, pagesOf, rowsInView, scrollHeight, scrollTo } from "./window";

describe("rows", () => {
  it("all are drawn where they fit", () => {
    expect(rowsInView(3, 26, 0, 400)).toEqual({ first: 0, end: 3, top: 0 });
    expect(rowsInView(0, 26, 0, 400)).toEqual({ first: 0, end: 0, top: 0 });
  });

  it("those in view and some spare ones", () => {
    expect(rowsInView(1000, 20, 2000, 200, 5)).toEqual({ first: 95, end: 116, top: 1900 });
  });

  it("each row of ten million can be reached, and the last one is", () => {
    const [rows, height, view] = [10_000_000, 26, 400];
    expect(scrollHeight(rows, height)).toBe(MAX_SCROLL_HEIGHT_PX);
    for (const row of [0, 1, 4_999_999, 9_999_000]) {
      const { first, end, top } = rowsInView(rows, height, scrollTo(row, rows, height, view), view);
      expect(first <= row && row < end).toBe(true);
      const place = top + (row - first) * height - scrollTo(row, rows, height, view);
      expect(Math.abs(place)).toBeLessThanOrEqual(height);
    }
    const last = rowsInView(rows, height, MAX_SCROLL_HEIGHT_PX - view, view);
    expect(last.end).toBe(rows);
    const bottom = last.top + (last.end - last.first) * height;
    expect(Math.abs(bottom - MAX_SCROLL_HEIGHT_PX)).toBeLessThan(1);
  });
});

describe("columns", () => {
  it("those in view", () => {
    const left = edges([100, 100, 100, 100]);
    expect(left).toEqual([0, 100, 200, 300, 400]);
    expect(columnsInView(left, 0, 150)).toEqual({ first: 0, end: 3 });
    expect(columnsInView(left, 250, 100)).toEqual({ first: 2, end: 4 });
    expect(columnsInView([0], 0, 100)).toEqual({ first: 0, end: 0 });
  });
});

describe("pages", () => {
  it("hold the rows", () => {
    expect(pagesOf(0, 200, 200)).toEqual([0]);
    expect(pagesOf(199, 401, 200)).toEqual([0, 1, 2]);
    expect(pagesOf(5, 5, 200)).toEqual([]);
  });
});
