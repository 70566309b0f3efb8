// Colours of charts, from the page's design tokens: a canvas can't read CSS variables by itself.
import type { Palette } from "./drawing";

/** The tokens in force at an element, so that a light chart on a dark page is possible too. */
export function paletteAt(element: Element): Palette {
  const style = getComputedStyle(element);
  return paletteFrom((name) => style.getPropertyValue(`--${name}`).trim());
}

/** As `paletteAt`, of any source of tokens. */
export function paletteFrom(token: (name: string) => string): Palette {
  return {
    text: token("text"),
    faint: token("text-2"),
    line: token("line"),
    surface: token("surface"),
    series: [1, 2, 3, 4, 5, 6].map((at) => token(`series-${at}`)),
    scale: [token("surface-2"), token("series-1")],
    diverging: [token("series-2"), token("surface-2"), token("series-1")],
    state: {
      waiting: token("text-3"),
      running: token("running"),
      retrying: token("warn"),
      success: token("good"),
      cached: token("cached"),
      failed: token("bad"),
      skipped: token("line-strong"),
      cancelled: token("text-2"),
    },
  };
}
