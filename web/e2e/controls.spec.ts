// Nothing is shown for what doesn't exist: every control, menu entry and shortcut of the live page changes something or says why not.
import { type Locator, type Page } from "@playwright/test";
import { COMMANDS } from "../src/editor/commands";
import { CREDIT, Hand, MENDED, REGISTERED, SEED, expect, test } from "./world";

const FIT = "algo_local_model_2c_l_45_1517362008544";
/** What is chosen already, among tabs and among buttons of which one is on, says so instead of changing something. */
const CONTROLS = "button:not([disabled]):not([role=tab][aria-selected=true]):not([role=group] > [aria-pressed=true]):not(.link[aria-pressed=true]), a[href]:not([aria-current]), select:not([disabled]), input:not([disabled]):not([hidden]), textarea:not([disabled])";

/** What can be seen to have happened: the page, its place, what was asked of the server, what was downloaded or copied. */
class Watch {
  private count = 0;
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    page.on("request", (request) => { if (request.method() !== "GET") this.count += 1; });
    page.on("download", () => { this.count += 1; });
    page.on("popup", () => { this.count += 1; });
    page.on("filechooser", () => { this.count += 1; });
  }

  async look(): Promise<string> {
    const seen = await this.page.evaluate(async () => {
      const fields = [...document.querySelectorAll<HTMLInputElement>("input, select, textarea")].map((field) => [field.value, field.checked]);
      const copied = await navigator.clipboard.readText().catch(() => "");
      return JSON.stringify([document.body.innerHTML, document.documentElement.lang, document.documentElement.dataset.theme, location.href, fields, copied]);
    });
    return `${this.count} ${seen}`;
  }

  async changes(act: () => Promise<void>, what: string): Promise<void> {
    const before = await this.look();
    await act();
    await expect.poll(async () => (await this.look()) !== before, { message: `${what} changes nothing and refuses nothing`, timeout: 6_000 }).toBe(true);
  }
}

async function use(control: Locator): Promise<void> {
  const tag = await control.evaluate((element) => element.tagName);
  if (tag === "SELECT") {
    const others = await control.locator("option:not(:checked)").evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
    await control.selectOption(others[0] ?? null);
  } else if (["checkbox", "radio"].includes((await control.getAttribute("type")) ?? "")) {
    await control.setChecked(!(await control.isChecked()));
  } else if (tag === "INPUT" || tag === "TEXTAREA") {
    await control.fill("7");
  } else if ((await control.getAttribute("data-testid"))?.startsWith("kind-")) {
    await control.dblclick();
  } else await control.click();
}

/** How a control is named in messages, and found again after a reload. */
async function controlsOf(page: Page, every = false): Promise<{ name: string; index: number; shell: boolean }[]> {
  const all = await page.locator(CONTROLS).evaluateAll((elements) =>
    elements.map((element, index) => ({
      index,
      visible: element.checkVisibility() && element.getClientRects().length > 0,
      // A select with nothing else to choose says so by its only entry.
      only: element.tagName === "SELECT" && (element as HTMLSelectElement).options.length < 2,
      kind: element.getAttribute("data-testid")?.startsWith("kind-") ?? element.closest("tbody tr:nth-child(n+2)") !== null,
      shell: element.closest(".topbar, .nav, .skip") !== null,
      name: `${element.tagName} ${element.getAttribute("data-testid") ?? element.getAttribute("aria-label") ?? element.textContent}`,
    })),
  );
  let kinds = 0;
  return all.filter(({ visible, only, kind }) => {
    if (kind) kinds += 1;
    // Operators of the palette are one control, many times over; so are the rows of a table.
    return visible && !only && (every || !kind || kinds <= 2);
  });
}

test("controls", async ({ signedIn: page, world }) => {
  test.setTimeout(600_000);
  const hand = new Hand(page, world.server);
  const watch = new Watch(page);
  const fresh = async () => {
    // Nothing of what the control before did stays: folded panels, a search, the language.
    await page.evaluate(() => localStorage.clear());
    await page.goto("about:blank");
    await hand.open(await world.dagOf(SEED, "controls"));
    await hand.select(FIT);
    await page.mouse.move(700, 760);
  };
  await fresh();
  const found = await controlsOf(page);
  expect(found.length).toBeGreaterThan(25);
  for (const { name, index } of found) {
    await fresh();
    const control = page.locator(CONTROLS).nth(index);
    if ((await control.getAttribute("class")) === "skip") {
      // Outside the page until it is reached by keyboard; what it changes is where the keyboard is.
      await control.press("Enter");
      await expect(page.locator("#main")).toBeFocused();
    } else await watch.changes(() => use(control), name);
  }
});

test("controls of the other pages", async ({ signedIn: page, world }) => {
  test.setTimeout(900_000);
  const { server } = world;
  const watch = new Watch(page);
  const begin = async (source: string) => {
    const dagId = await world.dagOf(source, "pages");
    const { run_id } = (await (await server.api("POST", "/runs", { dag_id: dagId })).json()) as { run_id: string };
    await expect.poll(async () => ((await (await server.api("GET", `/runs/${run_id}`)).json()) as { status: string }).status, { timeout: 60_000 }).not.toBe("running");
    return run_id;
  };
  const first = await begin(MENDED);
  const second = await begin(MENDED.replace("C: 1", "C: 0.001"));
  const failed = await begin(MENDED.replace(/(regression:\n\s+algo_name: algo_local_model_2c_l[\s\S]*?y_col: )next_month/, "$1no_such_column"));
  const scheduled = await world.dagOf(MENDED.replace("dag:\n", 'dag:\n schedule: "0 6 * * *"\n'), "scheduled");
  await begin(REGISTERED);
  /** A page, and what has come when it is whole. */
  const pages: [string, string][] = [
    ["/runs", `[data-testid='run-${first}']`], [`/runs/${failed}`, "[data-testid=run-fix]"], [`/compare/${first}/${second}`, "[data-testid=compare-figures] canvas"],
    ["/dags", "[data-testid^=template-]"], ["/datasets", `[data-testid=dataset-${CREDIT}]`], ["/settings", "main .card"],
    ["/schedules", `[data-testid=schedule-${scheduled}]`], ["/models", "[data-testid=model-credit-trees-1]"],
  ];
  for (const [path, whole] of pages) {
    const fresh = async () => {
      await page.evaluate(() => localStorage.clear());
      await page.goto("about:blank");
      await page.goto(`${server.origin}/#${path}`);
      await expect(page.locator(whole).first(), path).toBeVisible();
      // What comes in later counts too, and moves what stands behind it.
      let before = "";
      await expect.poll(async () => {
        const now = JSON.stringify(await controlsOf(page, true));
        const same = now === before;
        before = now;
        return same;
      }, { intervals: [400] }).toBe(true);
    };
    await fresh();
    const found = await controlsOf(page);
    expect(found.length, path).toBeGreaterThan(3);
    for (const [at, { name, shell }] of found.entries()) {
      // What stands around every page is tried in the editor and on one page more.
      if (shell && (path !== "/runs" || name.includes("Skip"))) continue;
      await fresh();
      // Found again by its name: what was tried before may have added to the page.
      const which = found.slice(0, at).filter((other) => other.name === name).length;
      const again = async () => (await controlsOf(page, true)).filter((other) => other.name === name)[which]?.index ?? -1;
      await expect.poll(again, `${path}: ${name}`).toBeGreaterThanOrEqual(0);
      await watch.changes(async () => use(page.locator(CONTROLS).nth(await again())), `${path}: ${name}`);
    }
  }
});

test("menu entries", async ({ signedIn: page, world }) => {
  test.setTimeout(600_000);
  const hand = new Hand(page, world.server);
  const watch = new Watch(page);
  const places: Record<string, () => Promise<void>> = {
    operator: () => hand.node(FIT).click({ button: "right" }),
    edge: () => page.locator(".react-flow__edge-interaction").nth(1).click({ button: "right", force: true }),
    canvas: () => page.locator(".react-flow__pane").click({ button: "right", position: { x: 60, y: 300 } }),
    run: () => page.getByTestId("run-menu").click(),
    more: () => page.getByTestId("more-menu").click(),
    theme: () => page.getByTestId("theme").click(),
  };
  for (const [place, open] of Object.entries(places)) {
    await hand.open(await world.dagOf(SEED, `menu ${place}`));
    await open();
    const entries = await page.getByRole("menuitem").evaluateAll((items) => items.map((item) => ({ text: item.textContent ?? "", off: item.hasAttribute("data-disabled"), on: item.querySelector("svg.lucide-check") !== null })));
    expect(entries.length, place).toBeGreaterThan(1);
    for (const [index, { text, off, on }] of entries.entries()) {
      if (off || on) continue;
      await hand.open(await world.dagOf(SEED, `menu ${place} ${index}`));
      await hand.select(FIT);
      await open();
      await watch.changes(async () => {
        await page.getByRole("menuitem").nth(index).click();
        await expect(page.getByRole("menuitem")).toHaveCount(0);
      }, `${place}: ${text}`);
    }
  }
});

test("shortcuts", async ({ signedIn: page, world }) => {
  test.setTimeout(600_000);
  const hand = new Hand(page, world.server);
  const watch = new Watch(page);
  for (const command of COMMANDS) {
    for (const keys of command.keys) {
      // To be stopped, a run must last.
      const source = command.id === "stop" ? SEED.replace("n_estimators: 10", "n_estimators: 900") : SEED;
      await hand.open(await world.dagOf(source, `keys ${command.id}`));
      await hand.select(FIT);
      // A change to save, to undo and, undone, to do again.
      await hand.param("C").fill("3");
      await hand.param("C").press("Tab");
      await hand.node(FIT).click();
      if (command.id === "redo") await page.getByTestId("do-undo").click();
      if (command.id === "stop") await page.getByTestId("do-run").click();
      if (command.id === "paste") await page.keyboard.press("Control+c");
      if (command.id === "stop") await expect(page.getByTestId("do-stop")).toBeEnabled();
      else await hand.node(FIT).click();
      await watch.changes(() => page.keyboard.press(keys.replace("Mod", "Control")), `${keys} (${command.id})`);
    }
  }
});
