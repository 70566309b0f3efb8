// Finding operators by English or Chinese names, by algorithm names and by what their help says.
import type { OperatorKind } from "@/api/types";

interface Found {
  kind: OperatorKind;
  score: number;
}

/** Best first; every word of the query must be found somewhere. Without a query, all in their own order. */
export function searchKinds(kinds: readonly OperatorKind[], query: string): OperatorKind[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...kinds];
  const found: Found[] = [];
  for (const kind of kinds) {
    let score = 0;
    let all = true;
    for (const word of words) {
      const own = Math.max(inName(kind.name_en, word), inName(kind.name_zh, word), inName(kind.algo_name, word));
      const doc = kind.doc_en.toLowerCase().includes(word) || kind.doc_zh.includes(word) || kind.category.includes(word) ? 1 : 0;
      if (own === 0 && doc === 0) {
        all = false;
        break;
      }
      score += Math.max(own, doc);
    }
    if (all) found.push({ kind, score });
  }
  return found.sort((a, b) => b.score - a.score || a.kind.name_en.length - b.kind.name_en.length).map((one) => one.kind);
}

function inName(name: string, word: string): number {
  const text = name.toLowerCase();
  const at = text.indexOf(word);
  if (at < 0) return 0;
  if (text === word) return 100;
  if (at === 0) return 60;
  return /[\s_(/-]/.test(text[at - 1] ?? "") ? 40 : 20;
}
