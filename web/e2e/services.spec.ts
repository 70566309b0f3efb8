// A registered model is deployed from its page, asked, rolled back and ended.
import { Hand, REGISTERED, expect, test } from "./world";

// Other tests look at services without any.
test.use({ place: "services" });

test("a version is deployed, replaced, gone back to, and its service ended", async ({ signedIn: page, world }) => {
  const { server } = world;
  const hand = new Hand(page, server);
  await page.goto(`${server.origin}/#/services`);
  await expect(page.getByText("No model is served yet")).toBeVisible();
  // Two versions.
  for (const source of [REGISTERED, REGISTERED.replace("n_estimators: 10\n", "n_estimators: 5\n")]) {
    await hand.open(await world.dagOf(source, "served"));
    await page.getByTestId("do-run").click();
    await hand.state("keep", "success");
  }

  const deploy = async (version: number) => {
    await page.goto(`${server.origin}/#/models/credit-trees`);
    await page.getByTestId(`deploy-credit-trees-${version}`).click();
    await page.getByTestId("deploy-name").fill("credit");
    await page.getByTestId("deploy-sure").click();
    await expect(page.getByText(`credit serves credit-trees, version ${version}`)).toBeVisible({ timeout: 60_000 });
  };
  await deploy(1);
  await deploy(2);
  await page.goto(`${server.origin}/#/services`);
  const row = page.getByTestId("service-credit");
  await expect(row).toContainText("Ready");
  await expect(row).toContainText("v2");
  await expect(row.getByText("ONNX Runtime")).toHaveAttribute("title", /scored both ways/);
  await page.getByTestId("service-back-credit").click();
  await expect(row.locator("td").nth(1)).toContainText("v1", { timeout: 60_000 });

  await page.getByTestId("service-remove-credit").click();
  await page.getByTestId("service-remove-sure").click();
  await expect(page.getByText("No model is served yet")).toBeVisible();
});
