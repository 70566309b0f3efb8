// How operators and their ports are called on the page.
import type { DagModel, OperatorKind } from "@/api/types";
import type { Catalogue } from "@/api/operators";
import { chosen } from "@/i18n/language";
import type { Language } from "@/i18n/setup";

/** Its own Chinese name where it has one, else the kind's name, else its id. */
export function operatorName(language: Language, dag: DagModel | null, catalogue: Catalogue, id: string): string {
  const operator = dag?.operators.find((entry) => entry.id === id);
  const kind = operator ? catalogue.get(operator.algo_name) : undefined;
  return chosen(language, kind?.name_en, operator?.cn_name || kind?.name_zh) || id;
}

/** The port's name where the kind is known, else its number. */
export function portName(kind: OperatorKind | null | undefined, port: number): string {
  return kind?.outputs[port]?.name ?? `#${port}`;
}
