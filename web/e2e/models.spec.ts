// Registered models, and outputs as files of other programs.
import { readFileSync } from "node:fs";
import { Hand, REGISTERED, expect, test } from "./world";

// Other tests register models too; here the page is seen without any.
test.use({ place: "models" });

test("a model is registered, seen with its lineage, and downloaded; a table leaves as CSV and Parquet", async ({ signedIn: page, world }) => {
  const hand = new Hand(page, world.server);
  await page.goto(`${world.server.origin}/#/models`);
  await expect(page.getByText("No model is registered yet")).toBeVisible();
  await hand.open(await world.dagOf(REGISTERED, "registered"));
  await page.getByTestId("do-run").click();
  await hand.state("keep", "success");

  await page.goto(`${world.server.origin}/#/models`);
  await page.getByTestId("model-credit-trees-1").getByRole("link", { name: "credit-trees", exact: true }).click();
  const version = page.getByTestId("model-credit-trees-1");
  await expect(version).toContainText("v1");
  const [file] = await Promise.all([page.waitForEvent("download"), version.getByRole("link", { name: /Download/ }).click()]);
  expect(file.suggestedFilename()).toMatch(/^credit-trees-1\./);
  await version.getByRole("link", { name: "keep" }).click();
  await expect(page.getByTestId("run-graph")).toBeVisible();

  await page.getByTestId("run-node-split").click();
  await page.getByTestId("tab-out-0").click();
  for (const [format, begins] of [["csv", "LIMIT_BAL"], ["parquet", "PAR1"]] as const) {
    await page.getByTestId("download").click();
    const [table] = await Promise.all([page.waitForEvent("download"), page.getByTestId(`download-${format}`).click()]);
    expect(readFileSync(await table.path(), "latin1").replace(/^[^A-Za-z]*/, "").startsWith(begins)).toBe(true);
  }
});

test("versions get aliases that move, are compared, and have a card, in both languages", async ({ signedIn: page, world }) => {
  const { server } = world;
  const hand = new Hand(page, server);
  // Of its own name: other tests count the versions of theirs.
  const named = REGISTERED.replace("credit-trees", "compared");
  for (const source of [named, named.replace("n_estimators: 10\n", "n_estimators: 5\n")]) {
    await hand.open(await world.dagOf(source, "compared"));
    await page.getByTestId("do-run").click();
    await hand.state("keep", "success");
    await hand.state("eval_gbdt", "success", "cached");
  }
  await page.goto(`${server.origin}/#/models/compared`);
  const [first, second] = [page.getByTestId("model-compared-1"), page.getByTestId("model-compared-2")];
  await page.getByTestId("alias-of-compared-1").click();
  await page.getByTestId("alias-name").fill("Champion");
  await expect(page.getByTestId("alias-sure")).toBeDisabled();
  await page.getByTestId("alias-name").fill("champion");
  await page.getByTestId("alias-sure").click();
  await expect(first.getByTestId("alias-champion")).toBeVisible();
  await page.getByTestId("alias-of-compared-2").click();
  await page.getByTestId("alias-name").fill("champion");
  await page.getByTestId("alias-sure").click();
  await expect(second.getByTestId("alias-champion")).toBeVisible();
  await expect(first.getByTestId("alias-champion")).toHaveCount(0);

  await page.getByTestId("choose-1").check();
  await expect(page.getByTestId("models-compare")).toBeDisabled();
  await page.getByTestId("choose-2").check();
  await page.screenshot({ path: test.info().outputPath("versions.png") });
  await page.getByTestId("models-compare").click();
  await expect(page.getByTestId("compared-gbdt.n_estimators")).toContainText("5");
  await expect(page.getByTestId("compare-metrics").getByText(/better|worse/).first()).toBeVisible();
  const same = page.getByTestId("compared-training.rows");
  await expect(same).toHaveCount(0);
  await page.getByTestId("compare-all").check();
  await expect(same).toContainText("Training rows");
  await page.getByTestId("compare-all").uncheck();
  await page.screenshot({ path: test.info().outputPath("compared.png"), fullPage: true });
  await page.getByTestId("language").click();
  await expect(page.getByRole("heading", { name: "版本比较" })).toBeVisible();
  await expect(page.getByTestId("compare-metrics").getByText(/更好|更差/).first()).toBeVisible();

  await page.goto(`${server.origin}/#/models/compared`);
  const opened = page.waitForEvent("popup");
  await second.getByTestId("card-compared-2").click();
  const card = await opened;
  await expect(card.getByRole("heading", { name: "compared v2" })).toBeVisible();
  // In the page's language, by a style that the policy lets through; the other is a click away.
  await expect(card.getByText("数据与划分")).toBeVisible();
  await expect(card.getByText("Data and split")).toBeHidden();
  await card.screenshot({ path: test.info().outputPath("card.png"), fullPage: true });
  await card.getByLabel("English").check();
  await expect(card.getByText("Data and split")).toBeVisible();
  await card.close();
  await second.getByTestId("alias-remove-champion").click();
  await expect(second.getByTestId("alias-champion")).toHaveCount(0);
  await page.getByTestId("language").click();
});
