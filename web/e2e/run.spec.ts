// The page of a run: its DAG by state, why an operator failed, and going on with other parameters.
import { Hand, MENDED, expect, test } from "./world";

const FIT = "regression";
const BROKEN = MENDED.replace(/(regression:\n\s+algo_name: algo_local_model_2c_l[\s\S]*?y_col: )next_month/, "$1no_such_column");

test("a failed run says why, and goes on with other parameters", async ({ signedIn: page, world }) => {
  expect(BROKEN).not.toBe(MENDED);
  const hand = new Hand(page, world.server);
  const dagId = await world.dagOf(BROKEN, "broken");
  const { run_id: runId } = (await (await world.server.api("POST", "/runs", { dag_id: dagId })).json()) as { run_id: string };
  await page.goto(`${world.server.origin}/#/runs/${runId}`);

  // The graph says what the table says.
  await expect(page.getByTestId(`run-node-${FIT}`)).toHaveAttribute("data-status", "failed", { timeout: 60_000 });
  await expect(page.getByTestId("run-node-predict_regression")).toHaveAttribute("data-status", "skipped");
  // Cached where another test ran the same.
  await expect(page.getByTestId("run-node-eval_gbdt")).toHaveAttribute("data-status", /^(success|cached)$/);
  await expect(page.getByTestId(`task-${FIT}`).locator("[data-status]")).toHaveAttribute("data-status", "failed");
  await page.getByTestId("run-node-split").press("Enter");
  await expect(page.getByTestId("run-detail")).toContainText("Split");
  await page.getByTestId(`run-node-${FIT}`).click();

  const detail = page.getByTestId("run-detail");
  await expect(detail.getByRole("alert")).toContainText("no_such_column");
  await expect(detail.locator(".log-box")).toBeVisible();
  // What it was given, row by row.
  await detail.getByTestId("tab-in-0-standardize-0").click();
  await expect(detail.getByText("LIMIT_BAL", { exact: true })).toBeVisible();

  await page.getByTestId("run-fix").click();
  const field = page.locator('[data-param="y_col"] input');
  await expect(field).toHaveValue("no_such_column");
  await field.fill("");
  await field.press("Tab");
  await expect(page.getByTestId("run-fix-done")).toBeDisabled();
  await field.fill("next_month");
  await page.getByTestId("run-fix-done").click();
  await expect(page).not.toHaveURL(new RegExp(`/runs/${runId}$`));
  await expect(page.getByTestId("run-node-eval_regression")).toHaveAttribute("data-status", /^(success|cached)$/, { timeout: 60_000 });
  const came = (await page.getByTestId("run-node-eval_regression").getAttribute("data-status")) ?? "";
  // What had finished isn't run again.
  for (const id of ["read", "split", "standardize", "eval_gbdt"]) await expect(page.getByTestId(`run-node-${id}`)).toHaveAttribute("data-status", "left");
  const { source } = (await (await world.server.api("GET", `/dags/${dagId}`)).json()) as { source: string };
  expect(source).toBe(MENDED);

  // The same run on the canvas, to be looked at.
  await page.getByTestId("run-canvas").click();
  await expect(page.getByTestId("viewed")).toBeVisible();
  await hand.state("eval_regression", came);
});

test("in the editor, a failed operator says why and the run goes on from there", async ({ signedIn: page, world }) => {
  const hand = new Hand(page, world.server);
  await hand.open(await world.dagOf(BROKEN, "broken in the editor"));
  await page.getByTestId("do-run").click();
  await hand.state(FIT, "failed");
  await hand.select(FIT);
  await expect(page.getByTestId("failed")).toContainText("no_such_column");
  await hand.param("y_col").fill("next_month");
  await hand.param("y_col").press("Tab");
  await hand.state(FIT, "stale");
  await page.getByTestId("carry-on").click();
  // The test before made the same result.
  await hand.state(FIT, "success", "cached");
  await expect(page.getByTestId("failed")).toHaveCount(0);
});
