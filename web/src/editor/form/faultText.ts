// What is wrong with a parameter, in words.
import i18next from "i18next";
import type { ParamFault } from "@/graph/params";

export function faultText(fault: ParamFault): string {
  const say = (key: string, values?: Record<string, unknown>): string => i18next.t(`editor:fault.${key}`, values ?? {});
  switch (fault.code) {
    case "range":
      return say("range", { bounds: fault.bounds.map(({ word, value }) => say(word, { value })).join(say("and")) });
    case "choice":
      return say("choice", { allowed: fault.allowed });
    case "items":
      return say("items", { count: fault.least });
    default:
      return say(fault.code);
  }
}
