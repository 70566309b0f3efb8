// A search in the page: its trials as parallel coordinates, in both languages, and as the table that is an output.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./server";
import { Hand, expect, test } from "./world";

test.use({ place: "search" });

const SOURCE = readFileSync(join(ROOT, "examples", "search.yaml"), "utf8");
const PICTURES = process.env.SUANZI_SCREENSHOTS;

test("trials are drawn, said in both languages, and listed", async ({ signedIn: page, world }) => {
  const hand = new Hand(page, world.server);
  await hand.open(await world.dagOf(SOURCE, "a search"));
  await page.getByTestId("do-run").click();
  await hand.state("search", "success", "cached");
  // All of it in view.
  await page.keyboard.press("Control+2");
  await hand.select("search");
  await page.getByTestId("tab-charts").click();
  const chart = page.locator("[data-chart]").first();
  await expect(chart).toBeVisible();
  await expect(page.getByTestId("tab-charts")).toHaveText("Charts");
  if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, "search-en.png") });
  await page.getByTestId("language").click();
  await expect(page.getByTestId("tab-charts")).toHaveText("图表");
  if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, "search-zh.png") });
  await page.locator(".chart-tools").first().getByRole("button", { name: "保存" }).click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "CSV" }).click()]);
  const lines = readFileSync(await file.path(), "utf8").replace("\uFEFF", "").trimEnd().split("\r\n");
  expect(lines[0]).toBe("l2_regularization,learning_rate,max_leaf_nodes,auc");
  expect(lines).toHaveLength(13);
});
