// Which language is shown, and choosing between texts that come in both.
import i18next from "i18next";
import { useSyncExternalStore } from "react";
import type { Language } from "./setup";

export function useLanguage(): Language {
  // Nodes of the canvas ask it by the hundred: this costs less than the translations' own hook.
  return useSyncExternalStore(subscribe, current);
}

function current(): Language {
  return i18next.language === "zh" ? "zh" : "en";
}

function subscribe(changed: () => void): () => void {
  i18next.on("languageChanged", changed);
  return () => i18next.off("languageChanged", changed);
}

/** The text in the language; the other one where it is missing. */
export function chosen(language: Language, en: string | undefined, zh: string | undefined): string {
  return (language === "zh" ? zh || en : en || zh) ?? "";
}
