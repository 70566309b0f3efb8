// Takes the pictures of docs/images: the seed's pipeline on synthetic credit data, run, mended, run again and compared.
import type { Page } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../e2e/server";
import { CREDIT, Hand, MENDED, SEED, expect, test } from "../e2e/world";

const OUT = process.env.SUANZI_SCREENSHOTS ?? join(ROOT, "docs", "images");
const PYTHON = process.env.SUANZI_PYTHON ?? join(ROOT, ".venv", "bin", "python");
const FIT = "algo_local_model_2c_l_45_1517362008544";
const JUDGE = "algo_local_model_2c_eval_45_1517362022452";
const BROKEN = MENDED.replace(/(regression:\n\s+algo_name: algo_local_model_2c_l[\s\S]*?y_col: )next_month/, "$1next_moth");

async function take(page: Page, name: string): Promise<void> {
  // Nothing half drawn: tips and messages gone, charts at rest.
  await page.mouse.move(2, 600);
  await page.evaluate(() => { if (document.activeElement instanceof HTMLElement) document.activeElement.blur(); });
  await expect(page.locator(".toast, .spinner")).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(900);
  await page.screenshot({ path: join(OUT, `${name}.png`) });
}

async function done(hand: Hand): Promise<void> {
  for (const id of await hand.ids()) await hand.state(id, "success", "cached");
}

test("pictures", async ({ signedIn: page, world }, info) => {
  mkdirSync(OUT, { recursive: true });
  const { server } = world;
  const file = info.outputPath("credit.csv");
  execFileSync(PYTHON, ["-m", "suanzi.demo_data", file, "--rows", "30000", "--seed", "0"], { stdio: "ignore" });
  await server.api("DELETE", `/datasets/${CREDIT}`);
  const upload = (await (await server.api("POST", "/uploads?name=credit.csv", readFileSync(file), "text/csv")).json()) as { upload_id: string };
  await server.api("POST", "/datasets", { id: CREDIT, title: "Credit card clients", upload_id: upload.upload_id });
  await take(page, "templates");

  const hand = new Hand(page, server);
  const dagId = await world.dagOf(SEED, "Credit default");
  await hand.open(dagId);
  await page.getByTestId("do-run").click();
  await done(hand);
  await hand.select(JUDGE);
  await page.getByTestId("tab-charts").click();
  await page.getByTestId(/^fix-/).first().click();
  await expect.poll(() => hand.ids()).toHaveLength(8);
  await page.getByTestId("do-run").click();
  await done(hand);
  await take(page, "editor");

  await hand.select(FIT);
  await hand.param("C").fill("0.0005");
  await hand.param("C").press("Tab");
  await page.getByTestId("do-plan").click();
  await expect(page.locator(".node-plan").first()).toBeVisible();
  await page.getByTestId("theme").click();
  await page.getByRole("menuitem", { name: "Dark" }).click();
  // Without the panel: the plan is what this one is about.
  const panel = async () => {
    await page.getByTestId("more-menu").click();
    await page.getByTestId("do-panel").click();
  };
  await panel();
  await hand.node(FIT).click();
  await page.keyboard.press("Control+2");
  await take(page, "dark");
  await panel();
  await page.keyboard.press("Control+2");
  await page.getByTestId("theme").click();
  await page.getByRole("menuitem", { name: "Light" }).click();
  await page.getByTestId("do-run").click();
  await done(hand);
  await hand.select(JUDGE);
  await page.getByTestId("tab-charts").click();
  await page.getByTestId("language").click();
  await take(page, "chinese");
  await page.getByTestId("language").click();
  await page.getByTestId("charts-compare").click();
  await expect(page.getByTestId("divergence")).toBeVisible();
  await take(page, "comparison");

  const { run_id: runId } = (await (await server.api("POST", "/runs", { dag_id: await world.dagOf(BROKEN, "Credit, with a slip") })).json()) as { run_id: string };
  await page.goto(`${server.origin}/#/runs/${runId}`);
  await expect(page.getByTestId("run-fix")).toBeVisible({ timeout: 60_000 });
  await take(page, "run");

  await page.goto(`${server.origin}/#/datasets/${CREDIT}`);
  await page.getByRole("tab", { name: "Statistics" }).click().catch(() => undefined);
  await take(page, "dataset-statistics");
});
