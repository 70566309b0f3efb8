// Two runs beside each other: what was changed, what it did, where the outputs part.
import { Hand, MENDED, expect, test } from "./world";

const FIT = "regression";
const JUDGE = "eval_regression";

test("two runs are compared, from the canvas and from the list", async ({ signedIn: page, world }) => {
  const hand = new Hand(page, world.server);
  await hand.open(await world.dagOf(MENDED, "compared"));
  await page.getByTestId("do-run").click();
  await hand.state(JUDGE, "success");
  await hand.select(FIT);
  await hand.param("C").fill("0.0001");
  await hand.param("C").press("Enter");
  // The panel that opened covers the lower operators.
  await hand.node(FIT).click();
  await page.keyboard.press("Control+2");
  await hand.state(FIT, "success");
  await hand.state(JUDGE, "success");

  // The older curve stays, faint, in the colour of the new one.
  await hand.select(JUDGE);
  await page.getByTestId("tab-charts").click();
  await expect(page.getByRole("img", { name: /ROC: Now, Before/ })).toBeVisible();
  await hand.node(FIT).click({ button: "right" });
  await page.getByTestId("menu-compare").click();
  await expect(page.getByTestId("compare-only")).toBeVisible();
  await expect(page.getByTestId("changed-C")).toContainText("0.0001");
  await page.getByTestId("compare-only").getByRole("link").click();

  await expect(page.getByTestId("changed-C")).toContainText("10.0001");
  const auc = page.getByTestId(`figures-${JUDGE}`).getByTestId("delta-auc");
  await expect(auc).toContainText("AUC");
  await expect(auc.locator("td").last()).toContainText("…");
  // What the page says is what the two evaluations say.
  const [before = "", after = ""] = new URL(page.url()).hash.split("?")[0]?.split("/").slice(-2) ?? [];
  const value = async (runId: string) => ((await (await world.server.api("GET", `/runs/${runId}/report`)).json()) as { metrics: Record<string, Record<string, number>> }).metrics[JUDGE]?.auc ?? Number.NaN;
  const [was, is] = [await value(before), await value(after)];
  expect(was).not.toBe(is);
  const shown = (number: number) => new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 4 }).format(number);
  await expect(auc.locator("td").nth(0)).toHaveText(shown(was));
  await expect(auc.locator("td").nth(1)).toHaveText(shown(is));
  await expect(page.getByTestId("divergence")).toContainText("The first output that differs");
  await expect(page.getByTestId("divergence").locator(".compare-new").first()).toBeVisible();

  await page.getByTestId("compare-swap").click();
  await expect(auc.locator("td").nth(1)).toHaveText(shown(was));

  await page.goto(`${world.server.origin}/#/runs`);
  await page.getByTestId(`pick-${before}`).check();
  await expect(page.getByTestId("runs-compare")).toHaveCount(0);
  await page.getByTestId(`pick-${after}`).check();
  await page.getByTestId("runs-compare").click();
  await expect(page).toHaveURL(new RegExp(`/compare/${before}/${after}$`));

  await page.goto(`${world.server.origin}/#/runs/${after}`);
  await page.getByTestId("run-compare").click();
  await page.getByTestId(`compare-with-${before}`).click();
  await expect(page.getByTestId("changed-C")).toBeVisible();

  // A run beside itself differs in nothing, and says so.
  await page.goto(`${world.server.origin}/#/compare/${after}/${after}`);
  await expect(page.getByTestId("compare-same")).toBeVisible();
  await page.goto(`${world.server.origin}/#/compare/${after}/nothing`);
  await expect(page.getByRole("alert")).toContainText("nothing");
});
