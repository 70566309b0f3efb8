// Which rows and columns of a large table are in view; pure, so that ten million rows can be tested.

/** Browsers give up on elements a few times as tall as this. */
export const MAX_SCROLL_HEIGHT_PX = 8_000_000;

export interface RowWindow {
  /** First row drawn. */
  first: number;
  /** One past the last row drawn. */
  end: number;
  /** Where the first drawn row stands, in pixels from the top of what is scrolled. */
  top: number;
}

export function scrollHeight(rows: number, rowHeight: number): number {
  return Math.min(rows * rowHeight, MAX_SCROLL_HEIGHT_PX);
}

/** Rows in view. Where the whole would be too tall, the scroll bar stands for the row number in proportion. */
export function rowsInView(rows: number, rowHeight: number, scrollTop: number, viewHeight: number, spare = 8): RowWindow {
  const visible = Math.ceil(viewHeight / rowHeight) + 1;
  const whole = rows * rowHeight;
  if (whole <= MAX_SCROLL_HEIGHT_PX) {
    const at = Math.floor(Math.max(0, scrollTop) / rowHeight);
    const first = Math.max(0, Math.min(at - spare, rows - visible));
    return { first, end: Math.min(rows, at + visible + spare), top: first * rowHeight };
  }
  const scrollable = MAX_SCROLL_HEIGHT_PX - viewHeight;
  const share = scrollable > 0 ? Math.min(1, Math.max(0, scrollTop / scrollable)) : 0;
  const exact = share * (rows - viewHeight / rowHeight);
  const at = Math.max(0, Math.floor(exact));
  const first = Math.max(0, at - spare);
  return { first, end: Math.min(rows, at + visible + spare), top: scrollTop - (exact - first) * rowHeight };
}

/** Where to scroll so that a row is the first in view. */
export function scrollTo(row: number, rows: number, rowHeight: number, viewHeight: number): number {
  const whole = rows * rowHeight;
  if (whole <= MAX_SCROLL_HEIGHT_PX) return Math.max(0, Math.min(row * rowHeight, whole - viewHeight));
  const most = rows - viewHeight / rowHeight;
  return (Math.max(0, Math.min(row, most)) / most) * (MAX_SCROLL_HEIGHT_PX - viewHeight);
}

/** Left edges of columns, and at the end the whole width. */
export function edges(widths: number[]): number[] {
  const found = [0];
  for (const width of widths) found.push((found.at(-1) ?? 0) + width);
  return found;
}

/** First column in view and one past the last. */
export function columnsInView(left: number[], scrollLeft: number, viewWidth: number): { first: number; end: number } {
  const count = left.length - 1;
  const first = Math.max(0, below(left, scrollLeft) - 1);
  const end = Math.min(count, below(left, scrollLeft + viewWidth) + 1);
  return { first, end };
}

/** How many edges lie at or below a place, found by halving. */
function below(left: number[], place: number): number {
  let [low, high] = [0, left.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((left[middle] ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Pages of a fixed size that hold some rows. */
export function pagesOf(first: number, end: number, pageRows: number): number[] {
  if (end <= first) return [];
  const from = Math.floor(first / pageRows);
  const to = Math.floor((end - 1) / pageRows);
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
