// Why an edge is refused, in words.
import i18next from "i18next";
import type { Verdict } from "@/graph/ports";

export function refusalText(verdict: Exclude<Verdict, { ok: true }>): string {
  if (verdict.reason !== "type") return i18next.t(`editor:connect.${verdict.reason}`);
  const name = (type: string) => i18next.t(`editor:port.${type}`, { defaultValue: type });
  return i18next.t("editor:connect.type", { offered: name(verdict.offered), accepted: name(verdict.accepted) });
}
