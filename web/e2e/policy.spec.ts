// Every page under its content security policy: nothing of it is refused, nothing is asked of another host, and the first load is small.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { CREDIT, Hand, MENDED, expect, signIn, test } from "./world";
import { ROOT, type Server } from "./server";

const MOST_FIRST_LOAD_BYTES = 350_000;

interface Watch {
  violations: string[];
  /** Requests that left for another host. */
  strange: string[];
}

/** Listens from before the page's first line on. */
async function watch(page: Page, server: Server): Promise<Watch> {
  const seen: Watch = { violations: [], strange: [] };
  await page.exposeFunction("tellViolation", (words: string) => { seen.violations.push(words); });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const tell = (window as unknown as { tellViolation: (words: string) => void }).tellViolation;
      tell(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`);
    });
  });
  page.context().on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.origin !== server.origin) seen.strange.push(request.url());
    if (url.protocol === "ws:" || url.protocol === "wss:") seen.strange.push(request.url());
  });
  return seen;
}

async function finished(server: Server, dagId: string): Promise<string> {
  const { run_id } = (await (await server.api("POST", "/runs", { dag_id: dagId })).json()) as { run_id: string };
  await expect.poll(async () => ((await (await server.api("GET", `/runs/${run_id}`)).json()) as { status: string }).status, { timeout: 60_000 }).toBe("success");
  return run_id;
}

/** The page's own table of paths, so that a new page is looked at too. */
function paths(): string[] {
  const text = readFileSync(join(ROOT, "web", "src", "pages.ts"), "utf8");
  return [...text.matchAll(/path: "([^"]+)"/g)].map((found) => found[1] ?? "");
}

test("no page breaks its policy or asks another host", async ({ page, world, errors }) => {
  test.setTimeout(240_000);
  const seen = await watch(page, world.server);
  page.on("pageerror", (error) => errors.push(error.message));
  const dagId = await world.dagOf(MENDED, "policy");
  const before = await finished(world.server, dagId);
  const after = await finished(world.server, dagId);
  // The model that models.spec registers, where it ran before.
  const models = (await (await world.server.api("GET", "/models")).json()) as { items: { name: string }[] };
  const name = models.items[0]?.name ?? "none";
  const ids: Record<string, string> = { dagId, runId: after, before, after, datasetId: CREDIT, name };
  await signIn(page, world.server);

  const all = paths();
  expect(all.length).toBeGreaterThan(5);
  for (const path of all) {
    const place = path.replace(/:([a-zA-Z]+)/g, (_, name: string) => {
      const id = ids[name];
      if (id === undefined) throw new Error(`${path}: say here which ${name} there is`);
      return id;
    });
    await page.goto(`${world.server.origin}/#${place}`);
    await expect(page.locator("#main")).not.toBeEmpty();
    await expect(page.locator("#main .spinner")).toHaveCount(0);
  }

  const hand = new Hand(page, world.server);
  await hand.open(dagId);
  await hand.select("eval_regression");
  for (const tab of ["preview", "charts", "log", "why"]) {
    await page.getByTestId(`tab-${tab}`).click();
    await expect(page.getByTestId("panel").locator(".spinner")).toHaveCount(0);
  }
  await page.getByTestId("tab-charts").click();
  await expect(page.locator("[data-chart] canvas").first()).toBeVisible();
  await hand.node("regression").click({ button: "right" });
  await expect(page.getByTestId("context-menu")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await expect(page.getByTestId("command-palette")).toBeVisible();
  await page.keyboard.press("Escape");

  await page.getByTestId("do-text").click();
  const text = page.locator(".cm-content");
  await expect(text).toContainText("operator_list");
  await text.click();
  await page.keyboard.press("Control+f");
  await expect(page.locator(".cm-search")).toBeVisible();
  await page.locator('.cm-search input[name="search"]').fill("standardize");
  await page.keyboard.press("Enter");
  await expect(page.locator(".cm-searchMatch").first()).toBeVisible();
  // Its panel is drawn with the editor's own styles, which the policy lets in by their nonce alone.
  expect(await page.locator(".cm-search").evaluate((panel) => getComputedStyle(panel).paddingTop)).not.toBe("0px");
  await page.keyboard.press("Escape");

  expect(seen).toEqual({ violations: [], strange: [] });

  // The watch sees what it is for.
  await page.evaluate(() => {
    const text = document.createElement("div");
    text.innerHTML = '<p style="color: red">x</p>';
    document.body.append(text);
    void fetch("http://127.0.0.2:9/").catch(() => null);
  });
  await expect.poll(() => seen.violations.map((words) => words.split(" ")[0]).sort()).toEqual(["connect-src", "style-src-attr"]);
  errors.length = 0;
});

test("the first load is small", async ({ page, world }) => {
  const dagId = await world.dagOf(MENDED, "first load");
  const { url } = (await (await world.server.api("POST", "/codes")).json()) as { url: string };
  const sizes = new Map<string, number>();
  const reading: Promise<void>[] = [];
  page.on("response", (answer) => {
    const path = new URL(answer.url()).pathname;
    if (path !== "/" && !path.startsWith("/assets/")) return;
    reading.push(answer.body().then((body) => { sizes.set(path, gzipSync(body).length); }));
  });
  const total = () => [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  await page.goto(url);
  await expect(page.getByRole("navigation")).toBeVisible();
  await expect(page.locator("#main .spinner")).toHaveCount(0);
  await Promise.all(reading);
  const list = total();
  await new Hand(page, world.server).open(dagId);
  await expect(page.getByTestId("node-regression")).toBeVisible();
  await Promise.all(reading);
  const editor = total();
  process.stdout.write(`gzip: ${Math.round(list / 1000)} kB to the list of DAGs, ${Math.round(editor / 1000)} kB to the canvas\n`);
  expect(list).toBeGreaterThan(50_000);
  expect(editor).toBeLessThan(MOST_FIRST_LOAD_BYTES);
});
