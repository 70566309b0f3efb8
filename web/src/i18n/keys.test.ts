// Both languages say everything, and no component says anything beside them.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const SRC = join(import.meta.dirname, "..");

function files(folder: string, end: RegExp): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return files(path, end);
    return end.test(name) ? [path] : [];
  });
}

type Texts = { [key: string]: string | Texts };

function flat(texts: Texts, before = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === "string") found.set(before + key, value);
    else for (const [inner, text] of flat(value, `${before}${key}.`)) found.set(inner, text);
  }
  return found;
}

function language(name: string): Map<string, string> {
  const folder = join(SRC, "i18n", name);
  const all = new Map<string, string>();
  for (const file of readdirSync(folder)) {
    const texts = flat(JSON.parse(readFileSync(join(folder, file), "utf8")) as Texts);
    for (const [key, text] of texts) all.set(`${file.replace(".json", "")}:${key}`, text);
  }
  return all;
}

const en = language("en");
const zh = language("zh");
// Chinese has no plural: `_one` stands in English alone.
const plain = (keys: Iterable<string>) => [...keys].filter((key) => !key.endsWith("_one")).sort();
const holes = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map((found) => found[1]).sort();

describe("texts", () => {
  it("stand in both languages", () => {
    expect(plain(zh.keys())).toEqual(plain(en.keys()));
  });

  it("name the same values", () => {
    for (const [key, text] of en) expect([key, holes(zh.get(key) ?? text)]).toEqual([key, holes(text)]);
  });

  it("are not empty", () => {
    for (const [key, text] of [...en, ...zh]) expect([key, text.trim()]).not.toEqual([key, ""]);
  });
});

const SPOKEN = new Set(["title", "aria-label", "placeholder", "alt", "label", "hint", "text", "aria-description"]);

function isSpoken(text: string): boolean {
  return /\p{L}{2,}/u.test(text);
}

/** Texts that a reader would see and that no key stands for. */
function literals(path: string, source: string): string[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isJsxText(node) && isSpoken(node.text)) found.push(node.text.trim());
    if (ts.isJsxAttribute(node) && SPOKEN.has(node.name.getText()) && node.initializer && ts.isStringLiteral(node.initializer) && isSpoken(node.initializer.text)) {
      found.push(node.initializer.text);
    }
    if (ts.isJsxExpression(node) && node.expression && ts.isStringLiteral(node.expression) && !ts.isJsxAttribute(node.parent) && isSpoken(node.expression.text)) {
      found.push(node.expression.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

describe("components", () => {
  it("a literal is found where there is one", () => {
    expect(literals("a.tsx", '<p title="Save it">Hello {"there"} {t("x")}</p>')).toEqual(["Save it", "Hello", "there"]);
  });

  it("hold no text of their own", () => {
    const found = files(SRC, /(?<!\.test)\.tsx$/).flatMap((path) =>
      literals(path, readFileSync(path, "utf8")).map((text) => `${relative(SRC, path)}: ${text}`),
    );
    expect(found).toEqual([]);
  });

  it("name only keys that exist", () => {
    const missing: string[] = [];
    for (const path of files(SRC, /(?<!\.test)\.tsx?$/)) {
      const source = readFileSync(path, "utf8");
      const spaces = [...source.matchAll(/useTranslation\(\s*(?:\[([^\]]*)\]|"([\w-]+)")/g)].flatMap((m) =>
        (m[1] ?? `"${m[2]}"`).split(",").map((name) => name.trim().replaceAll('"', "")),
      );
      for (const [, key = ""] of source.matchAll(/\bt\(\s*"([^"]+)"/g)) {
        // Where `t` isn't the hook's, the file's own `t` says which feature it speaks for.
        const own = /i18next\.t\(`([\w-]+):\$\{key\}/.exec(source)?.[1];
        if (own && spaces.length === 0) spaces.push(own);
        const names = key.includes(":") ? [key] : (spaces.length > 0 ? spaces : ["app"]).map((space) => `${space}:${key}`);
        const known = names.some((name) => en.has(name) || en.has(`${name}_other`));
        if (!known) missing.push(`${relative(SRC, path)}: ${key}`);
      }
    }
    expect(missing).toEqual([]);
  });
});
