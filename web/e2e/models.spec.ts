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
