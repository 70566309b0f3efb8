// The charts and tables that a report holds (`suanzi.operators.reporting`), read and drawn.
import type { Cell, Drawing, Look } from "./drawing";
import { cell, finite, type Finding, list, readFindings, record, text } from "./evaluation";
import { columns, histogram, importance, lines } from "./options/bars";
import { heatmap } from "./options/matrix";
import { parallel } from "./options/parallel";

export interface Report {
  title: Both;
  sections: { title: Both; columns: string[]; rows: Cell[][] }[];
  charts: ReportChart[];
  findings: Finding[];
}

export interface Both {
  en: string;
  zh: string;
}

export interface ReportChart {
  title: Both;
  /** Null where there is nothing to draw. */
  draw: (look: Look) => Drawing | null;
}

/** More bars than this lie on their side. */
const MAX_UPRIGHT_BARS = 8;

/** Null where the value is no report. */
export function readReport(value: unknown): Report | null {
  const it = record(value);
  if (it === null || it.kind !== "report") return null;
  return {
    title: both(it),
    sections: list(it.sections).flatMap((entry) => {
      const section = record(entry);
      if (section === null) return [];
      const rows = list(section.rows).map((row) => list(row).map(shown));
      return [{ title: both(section), columns: list(section.columns).map(cell), rows }];
    }),
    charts: list(it.charts).flatMap(readChart),
    findings: readFindings(it.findings),
  };
}

function readChart(value: unknown): ReportChart[] {
  const it = record(value);
  if (it === null) return [];
  const title = both(it);
  const names = (key: string) => list(it[key]).map(cell);
  const numbers = (key: string) => list(it[key]).map((entry) => finite(entry) ?? 0);
  switch (it.kind) {
    case "bar": {
      const [labels, values] = [names("labels"), numbers("values")];
      const upright = labels.length <= MAX_UPRIGHT_BARS;
      return [
        {
          title,
          draw: (look) =>
            upright
              ? columns(labels, values, look, "")
              : importance([{ name: "value", labels, values }], look, ""),
        },
      ];
    }
    case "histogram": {
      const edges = list(it.edges).map((edge) => finite(edge) ?? cell(edge));
      return [{ title, draw: (look) => histogram(edges, numbers("counts"), look, "") }];
    }
    case "line": {
      const series = Object.entries(record(it.series) ?? {}).map(([name, values]) => ({
        name,
        labels: [],
        values: list(values).map((entry) => finite(entry) ?? Number.NaN),
      }));
      return [{ title, draw: (look) => lines(names("x"), series, look) }];
    }
    case "heatmap": {
      const values = list(it.values).map((row) => list(row).map(finite));
      return [{ title, draw: (look) => heatmap(names("rows"), names("columns"), values, look) }];
    }
    case "parallel": {
      const all = list(it.lines).map((line) => list(line).map(shown));
      const better = it.better === "high" || it.better === "low" ? it.better : null;
      return [{ title, draw: (look) => parallel(names("axes"), all, better, look) }];
    }
    default:
      return [];
  }
}

function both(it: Record<string, unknown>): Both {
  return { en: text(it.title_en), zh: text(it.title_zh) || text(it.title_en) };
}

function shown(value: unknown): Cell {
  return value === null || typeof value === "number" ? finite(value) : cell(value);
}
