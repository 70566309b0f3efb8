// Someone draws the seed's six operators by hand, runs them, reads results, changes a parameter and runs again.
import { Hand, CREDIT, expect, test } from "./world";

test("the seed's pipeline, from an empty canvas to a second run with cached results", async ({ signedIn: page, world }) => {
  test.setTimeout(240_000);
  const hand = new Hand(page, world.server);
  await hand.open(await world.dagOf("", "by hand").catch(async () => {
    const answer = await world.server.api("POST", "/dags?title=by%20hand&draft=true", "", "application/yaml");
    return ((await answer.json()) as { dag_id: string }).dag_id;
  }));

  const read = await hand.put("algo_local_read_file", 300, 60);
  const split = await hand.put("algo_local_split_data", 300, 150);
  const fit = await hand.put("algo_local_model_2c_l", 180, 240);
  const gbdt = await hand.put("algo_local_model_gbdt", 520, 240);
  const predict = await hand.put("algo_local_model_predict", 300, 330);
  const evaluate = await hand.put("algo_local_model_2c_eval", 300, 420);
  await hand.clear();

  await hand.drag(read, 0, split, 0);
  await hand.drag(split, 0, fit, 0);
  await hand.drag(split, 1, gbdt, 0);
  await hand.drag(gbdt, 0, predict, 0);
  await hand.drag(fit, 0, predict, 1);
  await hand.drag(predict, 0, evaluate, 0);
  await expect(hand.edges()).toHaveCount(6);

  // An output of a table into an input for a model: refused, with the reason.
  await hand.drag(read, 0, predict, 1);
  await expect(page.locator(".toast", { hasText: "The output is a table, the input takes a model." })).toBeVisible();
  await expect(hand.edges()).toHaveCount(6);

  await hand.select(read);
  await hand.param("data_id").selectOption(CREDIT);
  for (const id of [fit, gbdt, evaluate]) {
    await hand.select(id);
    await hand.param("y_col").fill("next_month");
    await hand.param("y_col").press("Tab");
  }
  await expect(page.locator(".node-badge-error")).toHaveCount(0);

  await page.getByTestId("do-run").click();
  await expect(page.locator('.node[data-status="running"], .node[data-status="success"]').first()).toBeVisible();
  for (const id of [read, split, fit, gbdt, predict, evaluate]) await hand.state(id, "success", "cached");

  // A click on an edge shows what went along it; the evaluation's curve can be read.
  const panel = page.getByTestId("panel");
  await hand.select(split);
  await page.getByTestId("tab-preview").click();
  await expect(panel.getByText("LIMIT_BAL").first()).toBeVisible();
  await hand.select(evaluate);
  await page.getByTestId("tab-charts").click();
  await expect(panel.locator("canvas, svg").first()).toBeVisible();

  // Changing `C` runs at once; what doesn't depend on it comes from the cache.
  await hand.select(fit);
  await hand.param("C").fill("0.01");
  await hand.param("C").press("Enter");
  await hand.state(fit, "success");
  await hand.state(evaluate, "success");
  for (const id of [read, split, gbdt]) await hand.state(id, "cached");

  // Back through everything, and forth again.
  const undo = page.getByTestId("do-undo");
  let steps = 0;
  while (await undo.isEnabled()) {
    await undo.click();
    steps += 1;
    expect(steps).toBeLessThan(60);
  }
  await expect(page.locator(".node")).toHaveCount(0);
  const redo = page.getByTestId("do-redo");
  for (let step = 0; step < steps; step += 1) await redo.click();
  await expect(redo).toBeDisabled();
  await expect(page.locator(".node")).toHaveCount(6);
  await expect(hand.edges()).toHaveCount(6);
  await hand.select(fit);
  await expect(hand.param("C")).toHaveValue("0.01");
});
