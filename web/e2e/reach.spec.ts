// Both languages, the keyboard alone, and a reload in the middle of a run.
import { Hand, MENDED, SEED, expect, test } from "./world";

test("English and Chinese, without a reload, operators included; the choice is remembered", async ({ signedIn: page, world }) => {
  const hand = new Hand(page, world.server);
  await hand.open(await world.dagOf(SEED, "languages"));
  const node = hand.node("algo_local_model_2c_eval_45_1517362022452");
  await expect(node).toContainText("Two-class Evaluation");
  await page.evaluate(() => { (window as unknown as { mark: number }).mark = 1; });
  await page.getByTestId("language").click();
  await expect(node).toContainText("二分類評估");
  await expect(page.getByTestId("palette-search")).toHaveAttribute("placeholder", "搜索算子");
  expect(await page.evaluate(() => (window as unknown as { mark?: number }).mark)).toBe(1);
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await page.reload();
  await expect(page.getByTestId("palette-search")).toHaveAttribute("placeholder", "搜索算子");
  await page.getByTestId("palette-search").fill("标准化");
  await expect(page.getByTestId("kind-standardize")).toBeVisible();
  await page.getByTestId("language").click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
});

test("what the server says is in Chinese too: plan, story, faults", async ({ signedIn: page, world }) => {
  const hand = new Hand(page, world.server);
  await hand.open(await world.dagOf(MENDED, "said in Chinese"));
  await page.getByTestId("language").click();
  await page.getByTestId("do-run").click();
  await hand.state("eval_regression", "success", "cached");
  await hand.select("split");
  await page.getByTestId("tab-why").click();
  const why = page.getByTestId("panel").locator(".why");
  await expect(why.locator(".story li").first()).toContainText(/——(本次运行已提交|read 的|它的)/);
  // No sentence of English is left in it.
  await expect(why).not.toContainText(/\b(because|same|upstream|attempt)\b/i);
  await page.getByTestId("do-plan").click();
  await expect(why).toContainText(/代码、参数和输入与运行 \S+ 相同/);
  await hand.select("regression");
  const field = hand.param("y_col");
  await field.fill("");
  await field.press("Tab");
  await expect(page.getByTestId("form")).toContainText(/[缺参].*：/);
  await page.getByTestId("language").click();
});

test("the menu of the lowest operator is shown whole", async ({ signedIn: page, world }) => {
  await page.setViewportSize({ width: 1310, height: 800 });
  const hand = new Hand(page, world.server);
  await hand.open(await world.dagOf(MENDED, "low menu"));
  await hand.node("eval_regression").click({ button: "right" });
  const menu = page.getByTestId("context-menu");
  await expect(menu.getByRole("menuitem").last()).toBeInViewport({ ratio: 1 });
  await expect(menu.getByRole("menuitem").first()).toBeInViewport({ ratio: 1 });
  expect(await menu.evaluate((box) => box.scrollHeight <= box.clientHeight)).toBe(true);
});

test("both themes, remembered", async ({ signedIn: page, world }) => {
  const hand = new Hand(page, world.server);
  await hand.open(await world.dagOf(SEED, "themes"));
  await page.getByTestId("theme").click();
  await page.getByRole("menuitem", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("a pipeline by keyboard alone: add, connect, set, run", async ({ signedIn: page, world }) => {
  const hand = new Hand(page, world.server);
  const answer = await world.server.api("POST", "/dags?title=keyboard&draft=true", "", "application/yaml");
  await hand.open(((await answer.json()) as { dag_id: string }).dag_id);
  await page.getByTestId("canvas").focus();
  for (const name of ["Read File", "Split"]) {
    await page.keyboard.press("Control+.");
    await expect(page.getByTestId("quick-add")).toBeFocused();
    await page.keyboard.type(name);
    await page.keyboard.press("Enter");
  }
  await expect(page.locator(".node")).toHaveCount(2);
  const [read = "", split = ""] = await hand.ids();
  // The newest one is selected: its input is chosen in the form.
  await expect(page.getByTestId("form")).toContainText("Split");
  await page.getByTestId("input-0").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(hand.edges()).toHaveCount(1);
  await page.locator(`.react-flow__node[data-id="${read}"]`).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("form")).toContainText("Read File");
  await hand.param("data_id").focus();
  await page.keyboard.press("ArrowDown");
  await expect(hand.param("data_id")).not.toHaveValue("");
  await page.keyboard.press("Control+Enter");
  await hand.state(read, "success", "cached");
  await hand.state(split, "success", "cached");
  await page.keyboard.press("Control+s");
});

test("a reload in the middle of a run loses nothing", async ({ signedIn: page, world }) => {
  const hand = new Hand(page, world.server);
  await hand.open(await world.dagOf(MENDED, "reload"));
  await page.getByTestId("do-run").click();
  await expect(page.locator('.node:not([data-status="idle"])').first()).toBeVisible();
  await page.reload();
  for (const id of ["read", "split", "regression", "eval_regression", "gbdt", "eval_gbdt"]) await hand.state(id, "success", "cached");
});
