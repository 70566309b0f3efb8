// A newcomer: an empty installation, a template, a first run.
import type { Page } from "@playwright/test";
import { Server } from "./server";
import { Hand, expect, signIn, test } from "./world";

/** From the page's first view to the end of the first run. */
const A_MINUTE_MS = 60_000;
const TEMPLATES = ["credit", "regression", "clustering", "text", "own-function"];

/** Refusals count too: a page that asks for what isn't there is broken. The end of the stream with its server doesn't. */
function watch(page: Page, errors: string[]): void {
  page.on("console", (message) => { if (message.type() === "error" && !message.text().includes("net::ERR")) errors.push(message.text()); });
}

test("an empty installation greets with templates, each of which runs", async ({ page, errors }) => {
  test.setTimeout(300_000);
  const server = new Server();
  await server.start();
  try {
    const begun = Date.now();
    await signIn(page, server);
    // The page that signs in asks whether it has to, and is told.
    watch(page, errors);
    await expect(page.getByText("Nothing here yet")).toBeVisible();
    await expect(page.getByTestId("template-credit")).toBeVisible();
    for (const [at, template] of TEMPLATES.entries()) {
      await page.goto(`${server.origin}/#/dags`);
      await page.getByTestId(`template-${template}`).click();
      await expect(page.getByTestId("canvas")).toBeVisible();
      await expect(page.locator(".node").first()).toBeVisible();
      // Nothing to mend before it runs.
      await expect(page.locator(".node-badge-error, .node-badge-warning")).toHaveCount(0);
      const hand = new Hand(page, server);
      await page.getByTestId("do-run").click();
      for (const id of await hand.ids()) await hand.state(id, "success", "cached");
      if (at === 0) expect(Date.now() - begun).toBeLessThan(A_MINUTE_MS);
    }
    const { items } = (await (await server.api("GET", "/datasets")).json()) as { items: { id: string }[] };
    expect(items.map((item) => item.id).sort()).toEqual(["sample-credit", "sample-reviews"]);
  } finally {
    await server.remove();
  }
});

test("a dataset of the palette becomes an operator, and a template a DAG of its own", async ({ page, errors }) => {
  const server = new Server();
  await server.start();
  try {
    await server.api("POST", "/templates/credit");
    await signIn(page, server);
    watch(page, errors);
    await page.getByTestId("dags-new").click();
    await page.getByTestId("tab-datasets").click();
    await page.getByTestId("palette-dataset-sample-credit").dragTo(page.getByTestId("canvas"), { targetPosition: { x: 300, y: 200 } });
    await expect(page.locator(".node")).toHaveCount(1);
    await expect(page.locator('[data-param="data_id"] select')).toHaveValue("sample-credit");
    await page.getByTestId("tab-templates").click();
    await page.getByTestId("palette-template-clustering").click();
    await expect(page.getByTestId("title")).toHaveText("Clustering");
    await expect(page.locator(".node").nth(1)).toBeVisible();
  } finally {
    await server.remove();
  }
});
