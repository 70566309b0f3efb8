// What is dragged from the palette onto the canvas, and what it becomes there.
import type { OperatorKind } from "@/api/types";
import type { Catalogue } from "@/graph/model";

export const DRAGGED_KIND = "application/x-suanzi-kind";
export const DRAGGED_DATASET = "application/x-suanzi-dataset";

export interface Dragged {
  kind: OperatorKind;
  params?: Record<string, unknown>;
}

/** The operator that reads a dataset. */
export function readerOf(catalogue: Catalogue, dataset: string): Dragged | null {
  const known = catalogue.get("algo_local_read_file");
  const reads = (kind: OperatorKind) => kind.inputs.length === 0 && kind.params.some((spec) => spec.kind === "dataset");
  const kind = known && reads(known) ? known : [...catalogue.values()].find(reads);
  const param = kind?.params.find((spec) => spec.kind === "dataset");
  if (!kind || !param) return null;
  // Ids that are numbers are written as the form writes them.
  return { kind, params: { [param.name]: /^\d{1,15}$/.test(dataset) ? Number(dataset) : dataset } };
}

export function draggedOver(data: DataTransfer): boolean {
  return data.types.includes(DRAGGED_KIND) || data.types.includes(DRAGGED_DATASET);
}

export function dropped(data: DataTransfer, catalogue: Catalogue): Dragged | null {
  const dataset = data.getData(DRAGGED_DATASET);
  if (dataset !== "") return readerOf(catalogue, dataset);
  const kind = catalogue.get(data.getData(DRAGGED_KIND));
  return kind ? { kind } : null;
}
