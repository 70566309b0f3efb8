// Which language is shown, and choosing between texts that come in both.
import { useTranslation } from "react-i18next";
import type { Language } from "./setup";

export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return i18n.language === "zh" ? "zh" : "en";
}

/** The text in the language; the other one where it is missing. */
export function chosen(language: Language, en: string | undefined, zh: string | undefined): string {
  return (language === "zh" ? zh || en : en || zh) ?? "";
}
