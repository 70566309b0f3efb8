// One document, two views; two windows; the past; a file's way in and out.
import { readFileSync } from "node:fs";
import { Hand, MENDED, SEED, expect, signIn, test } from "./world";

const FIT = "algo_local_model_2c_l_45_1517362008544";
const READ = "algo_local_read_file_45_1517360824080";

test("the seed's file shows its coordinates and comes back byte for byte", async ({ signedIn: page, world }) => {
  const hand = new Hand(page, world.server);
  await hand.open(await world.dagOf(SEED, "seed"));
  await expect(page.locator(".node")).toHaveCount(6);
  const at = async (id: string) => page.locator(`.react-flow__node[data-id="${id}"]`).evaluate((node) => new DOMMatrix(getComputedStyle(node).transform)).then((matrix) => [matrix.e, matrix.f]);
  expect(await at(READ)).toEqual([137, 69]);
  expect(await at(FIT)).toEqual([130, 262]);
  await page.getByTestId("more-menu").click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByTestId("do-exportYaml").click()]);
  expect(readFileSync(await file.path(), "utf8")).toBe(SEED);
});

test("text and canvas show each other's changes, and comments survive", async ({ signedIn: page, world }) => {
  const hand = new Hand(page, world.server);
  const source = SEED.replace("    C: 1\n", "    C: 1  # strength\n");
  await hand.open(await world.dagOf(source, "two views"));
  await hand.select(FIT);
  await hand.param("C").fill("0.5");
  await hand.param("C").press("Tab");
  await page.getByTestId("do-text").click();
  const text = page.locator(".cm-content");
  await expect(text).toBeVisible();
  await text.click();
  await page.keyboard.press("Control+Home");
  const line = source.split("\n").findIndex((one) => one.includes("# strength"));
  for (let n = 0; n < line; n += 1) await page.keyboard.press("ArrowDown");
  await expect(text).toContainText("C: 0.5  # strength");

  // Typed on the other side.
  await page.keyboard.press("Home");
  await page.keyboard.press("Shift+End");
  await page.keyboard.type("C: 7");
  await expect(page.locator(".text-bar")).toContainText("No errors");
  await page.getByTestId("do-text").click();
  await hand.select(FIT);
  await expect(hand.param("C")).toHaveValue("7");
  await page.getByTestId("do-undo").click();
  await expect(hand.param("C")).toHaveValue("0.5");
});

test("a text that can't be read says where, and nothing is lost", async ({ signedIn: page, world }) => {
  const hand = new Hand(page, world.server);
  await hand.open(await world.dagOf(SEED, "broken text"));
  await page.getByTestId("do-text").click();
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\nbroken: [1,");
  await expect(page.locator(".cm-lint-marker-error").first()).toBeVisible();
  await page.getByTestId("do-text").click();
  await expect(page.getByRole("alert")).toContainText("can't be read");
  await expect(page.locator(".node")).toHaveCount(6);
  await page.reload();
  await expect(page.getByRole("alert")).toContainText("can't be read");
});

test("two windows: the second to save is asked, and merging keeps both changes", async ({ signedIn: page, world, context }) => {
  const hand = new Hand(page, world.server);
  const dagId = await world.dagOf(SEED, "two windows");
  await hand.open(dagId);
  const other = await context.newPage();
  const otherHand = new Hand(other, world.server);
  await signIn(other, world.server);
  await otherHand.open(dagId);

  await hand.select(FIT);
  await hand.param("C").fill("2");
  await hand.param("C").press("Tab");
  await otherHand.select(FIT);
  await otherHand.param("max_iter").fill("55");
  await otherHand.param("max_iter").press("Tab");

  await page.keyboard.press("Control+s");
  await expect(page.getByTestId("version")).toHaveText("v2");
  await expect(other.getByTestId("newer").or(other.getByTestId("conflict-merge")).first()).toBeVisible();
  if (await other.getByTestId("newer").isVisible()) await other.keyboard.press("Control+s");
  await other.getByTestId("conflict-merge").click();
  // A dialog takes keys for itself until it has closed.
  await expect(other.getByTestId("conflict-merge")).toHaveCount(0);
  await other.keyboard.press("Control+s");
  await expect(other.getByTestId("version")).toHaveText("v3");
  const source = ((await (await world.server.api("GET", `/dags/${dagId}`)).json()) as { source: string }).source;
  expect(source).toContain("C: 2\n");
  expect(source).toContain("max_iter: 55\n");
  await other.close();
});

test("history stands on the canvas read-only and is restored as a draft", async ({ signedIn: page, world }) => {
  const hand = new Hand(page, world.server);
  await hand.open(await world.dagOf(SEED, "history"));
  await hand.select(FIT);
  await hand.param("C").fill("9");
  await hand.param("C").press("Tab");
  await page.keyboard.press("Control+s");
  await expect(page.getByTestId("version")).toHaveText("v2");
  await page.getByTestId("do-history").click();
  await page.getByTestId("tab-versions").click();
  await page.getByTestId("history-version-1").click();
  await expect(page.getByTestId("viewed")).toBeVisible();
  await hand.select(FIT);
  await expect(hand.param("C")).toHaveValue("1");
  await expect(hand.param("C")).toBeDisabled();
  await hand.node(READ).click();
  await page.keyboard.press("Delete");
  await expect(page.locator(".node")).toHaveCount(6);
  await page.getByTestId("restore").click();
  await expect(page.getByTestId("viewed")).toBeHidden();
  await hand.select(FIT);
  await expect(hand.param("C")).toHaveValue("1");
  await expect(page.getByTestId("dirty")).toBeVisible();
  await page.getByTestId("do-undo").click();
  await expect(hand.param("C")).toHaveValue("9");
});

test("a server that dies keeps the draft, and the page comes back", async ({ signedIn: page, world }) => {
  test.setTimeout(150_000);
  const hand = new Hand(page, world.server);
  const dagId = await world.dagOf(SEED, "dead server");
  await hand.open(dagId);
  await world.server.stop("SIGKILL");
  await expect(page.getByTestId("offline")).toBeVisible({ timeout: 30_000 });
  await hand.select(FIT);
  await hand.param("C").fill("3");
  await hand.param("C").press("Tab");
  await expect(hand.param("C")).toHaveValue("3");
  await world.server.start();
  // The session died with the server: the way back is the sign-in page, and the draft is still here.
  await signIn(page, world.server);
  await hand.open(dagId);
  await hand.select(FIT);
  await expect(hand.param("C")).toHaveValue("3");
  await page.keyboard.press("Control+s");
  await expect(page.getByTestId("version")).toHaveText("v2");
});

test("the pipeline opens as Python, and an operator with what it needs", async ({ signedIn: page, world }) => {
  const hand = new Hand(page, world.server);
  await hand.open(await world.dagOf(MENDED, "as Python"));
  await page.getByTestId("more-menu").click();
  await page.getByTestId("do-python").click();
  const script = page.getByTestId("python");
  await expect(script).toContainText("LogisticRegression(");
  await expect(script).toContainText("GradientBoostingClassifier(");
  await page.getByRole("button", { name: "Copy" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await script.textContent());
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as a file" }).click();
  expect((await saved).suggestedFilename()).toBe("as Python.py");
  await page.keyboard.press("Escape");
  await expect(script).toHaveCount(0);

  await hand.node("standardize").click({ button: "right" });
  await page.getByTestId("menu-python").click();
  await expect(script).toContainText("StandardScaler(");
  await expect(script).not.toContainText("LogisticRegression(");
});

test("a note is written on the canvas, moved, kept in the text and taken back", async ({ signedIn: page, world }) => {
  const hand = new Hand(page, world.server);
  const dagId = await world.dagOf(SEED, "notes");
  await hand.open(dagId);
  await page.locator(".react-flow__pane").click({ button: "right", position: { x: 90, y: 320 } });
  await page.getByTestId("menu-note").click();
  const note = page.getByTestId("note-0");
  await expect(note.locator("textarea")).toBeFocused();
  await page.keyboard.type("先看这里: read");
  // Saved while it is still being written: nothing of it is left behind.
  await page.keyboard.press("ControlOrMeta+s");
  await expect(page.getByTestId("version")).toHaveText("v2");
  const half = (await (await world.server.api("GET", `/dags/${dagId}`)).json()) as { source: string };
  expect(half.source).toContain("先看这里: read");
  await page.keyboard.type(" first");
  await page.keyboard.press("Escape");
  const before = await note.boundingBox();
  const grip = await page.getByTestId("note-grip-0").boundingBox();
  if (!before || !grip) throw new Error("the note isn't there");
  await page.mouse.move(grip.x + 20, grip.y + 8);
  await page.mouse.down();
  await page.mouse.move(grip.x + 80, grip.y + 48, { steps: 4 });
  await page.mouse.up();
  const moved = await note.boundingBox();
  expect(Math.round((moved?.x ?? 0) - before.x), "the canvas itself stays").toBe(60);
  await page.keyboard.press("ControlOrMeta+s");
  await expect(page.getByTestId("version")).toHaveText("v3");
  const { source } = (await (await world.server.api("GET", `/dags/${dagId}`)).json()) as { source: string };
  expect(source).toContain("先看这里: read first");
  await page.reload();
  await expect(note.locator("textarea")).toHaveValue("先看这里: read first");
  await page.getByTestId("note-remove-0").click();
  await expect(note).toHaveCount(0);
  await page.getByTestId("do-undo").click();
  await expect(note).toHaveCount(1);
});
