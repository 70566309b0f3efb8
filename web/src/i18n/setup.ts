// Languages: one JSON file for each language and feature, found by their place; switching needs no reload.
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { recall, remember } from "@/app/remembered";

export type Language = "en" | "zh";
export const LANGUAGES: readonly Language[] = ["en", "zh"];

const files = import.meta.glob<Record<string, unknown>>("./{en,zh}/*.json", { eager: true, import: "default" });

const resources: Record<string, Record<string, Record<string, unknown>>> = { en: {}, zh: {} };
for (const [path, content] of Object.entries(files)) {
  const [, language, feature] = /\.\/(\w+)\/([\w-]+)\.json$/.exec(path) ?? [];
  if (language && feature) (resources[language] ??= {})[feature] = content;
}

function preferred(): Language {
  const kept = recall("language");
  if (kept === "en" || kept === "zh") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

void i18next.use(initReactI18next).init({
  resources,
  lng: preferred(),
  fallbackLng: false,
  ns: Object.keys(resources.en ?? {}),
  defaultNS: "app",
  interpolation: { escapeValue: false },
  returnNull: false,
  initAsync: false,
});

function show(language: string): void {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}
show(i18next.language);

export function switchLanguage(language: Language): void {
  remember("language", language);
  show(language);
  void i18next.changeLanguage(language);
}
