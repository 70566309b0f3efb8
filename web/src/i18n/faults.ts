// What the server refuses it says in English, with names and values; a reader of Chinese is told the kind of fault in Chinese before it.
import i18next from "i18next";
import { FAULTS_ZH } from "./faultsZh";

const kinds = new Map(Object.entries(FAULTS_ZH));

export function told(said: { code: string; message: string }): string {
  const kind = i18next.language === "zh" ? kinds.get(said.code) : undefined;
  return kind ? `${kind}：${said.message}` : said.message;
}
