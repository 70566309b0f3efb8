// Every code the server knows has its Chinese word.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import i18next from "i18next";
import { beforeEach, expect, it } from "vitest";
import { told } from "./faults";
import { FAULTS_ZH } from "./faultsZh";

const DOCS = join(import.meta.dirname, "../../../docs");

beforeEach(() => i18next.init({ lng: "en", resources: {} }));

it("all codes with a page and all codes of the API are there, and no others", () => {
  const pages = readdirSync(join(DOCS, "errors")).filter((name) => name.endsWith(".md")).map((name) => name.replace(".md", ""));
  const api = JSON.parse(readFileSync(join(DOCS, "reference/openapi.json"), "utf8")) as { components: { schemas: { ProblemCode: { enum: string[] } } } };
  const codes = api.components.schemas.ProblemCode.enum;
  expect(codes).toContain("not_found");
  const known = new Set([...pages, ...codes].filter((code) => code !== "unknown"));
  expect(Object.keys(FAULTS_ZH).sort()).toEqual([...known].sort());
});

it("stands before the message in Chinese alone", async () => {
  const fault = { code: "self_edge", message: "'a' feeds itself" };
  expect(told(fault)).toBe("'a' feeds itself");
  await i18next.changeLanguage("zh");
  expect(told(fault)).toBe("算子连到了自身：'a' feeds itself");
  expect(told({ code: "of_tomorrow", message: "new" })).toBe("new");
});
