// What an operator is called on the canvas, in the shown language.
import type { OperatorKind, OperatorModel } from "@/api/types";
import { chosen } from "@/i18n/language";
import type { Language } from "@/i18n/setup";

const CHINESE = /\p{Script=Han}/u;

export interface Names {
  title: string;
  /** Under the title: what else it is called. */
  second: string;
}

/** A name given in the other language gives way to the kind's own, and stands below it. */
export function namesOf(operator: OperatorModel, kind: OperatorKind | undefined, language: Language): Names {
  const own = operator.cn_name?.trim();
  const ofKind = kind ? chosen(language, kind.name_en, kind.name_zh) : operator.algo_name;
  if (!own) return { title: ofKind, second: operator.algo_name };
  if (language === "en" && kind && CHINESE.test(own)) return { title: ofKind, second: own };
  return { title: own, second: own === ofKind ? operator.algo_name : ofKind };
}
