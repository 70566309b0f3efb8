// Rows of a comparison as the page shows them.
import type { ComparedWord } from "@/api/types";

/** Words of lineage that have a name of their own: the rest is told as the server has it, such as `data.make.rows`. */
export const NAMED: ReadonlySet<string> = new Set(["dag", "dag_version", "seed", "trainer", "class", "features", "label", "environment", "training.rows", "training.content"]);

export function shown<Row extends { differs: boolean }>(rows: readonly Row[], all: boolean): Row[] {
  return rows.filter((row) => all || row.differs);
}

/** Of a row that differs: which values aren't the first one's. */
export function changed(row: ComparedWord): boolean[] {
  const first = JSON.stringify(row.values[0] ?? null);
  return row.values.map((value) => JSON.stringify(value ?? null) !== first);
}
