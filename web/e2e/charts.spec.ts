// Charts in the live page: what each draws is what the run's evaluation says; two models over each other; values on hover; pictures and tables to save.
import { type Locator, type Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { Hand, MENDED, type World, expect, test } from "./world";

// What is kept of these runs would be found by other tests, which look at operators that run.
test.use({ place: "charts" });

const JUDGES = ["eval_regression", "eval_gbdt"] as const;
/** Split by another seed than elsewhere, so that everything behind the split is computed and not cached. */
const WITH_IMPORTANCE = MENDED
  .replace("ext2: null", "ext2: 7")
  .replace("eval_gbdt]", "eval_gbdt, importance]")
  .replace(/^  split: \[(.*)\]/m, '  split: [$1,{"target":"importance","source_index":1,"target_index":0}]')
  .replace(/^  gbdt: \[(.*)\]/m, '  gbdt: [$1,{"target":"importance","source_index":0,"target_index":1}]')
  .concat("  importance: {algo_name: feature_importance, coordinate: {x: 620, y: 400}, params: {n_repeats: 1, random_state: 1}}\n");

/** Columns and their values of a curve, as the evaluation operator wrote them. */
const CURVES: Record<string, string[]> = {
  roc: ["fpr", "tpr", "threshold"],
  pr: ["recall", "precision", "threshold"],
  ks: ["share", "tpr", "fpr", "threshold"],
  gain: ["share", "gain"],
  lift: ["share", "lift"],
  calibration: ["predicted", "observed"],
};

interface Evaluation {
  metrics: Record<string, number>;
  curves: Record<string, Record<string, number[]>>;
  thresholds: { threshold: number; tp: number; fp: number; tn: number; fn: number }[];
}

async function valueOf<T>(world: World, runId: string, operator: string): Promise<T> {
  return (await (await world.server.api("GET", `/runs/${runId}/tasks/${operator}/outputs/0/value`)).json()) as T;
}

async function ran(page: Page, world: World, source: string, title: string): Promise<{ hand: Hand; runId: string; dagId: string }> {
  const hand = new Hand(page, world.server);
  const dagId = await world.dagOf(source, title);
  await hand.open(dagId);
  await page.getByTestId("do-run").click();
  for (const judge of JUDGES) await hand.state(judge, "success", "cached");
  const { items } = (await (await world.server.api("GET", `/runs?dag_id=${dagId}`)).json()) as { items: { run_id: string }[] };
  return { hand, runId: items[0]?.run_id ?? "", dagId };
}

async function saved(page: Page, format: "PNG" | "SVG" | "CSV"): Promise<Buffer> {
  await page.locator(".chart-tools").first().getByRole("button", { name: "Save" }).click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: format }).click()]);
  return readFileSync(await file.path());
}

/** The lines of a saved table, without its header. */
async function table(page: Page): Promise<{ columns: string[]; rows: string[][] }> {
  const [columns = "", ...rows] = (await saved(page, "CSV")).toString("utf8").replace("\uFEFF", "").trimEnd().split("\r\n");
  const cells = (line: string) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
  return { columns: cells(columns), rows: rows.map(cells) };
}

/** How many pixels of a chart are neither empty nor of the background's colour. */
function inked(chart: Locator): Promise<number> {
  return chart.locator("canvas").first().evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: new Uint8ClampedArray() };
    let count = 0;
    for (let at = 3; at < data.length; at += 4) if ((data[at] ?? 0) > 40) count += 1;
    return count;
  });
}

test("curves of two models are those of their evaluations", async ({ signedIn: page, world }) => {
  const { hand, runId } = await ran(page, world, MENDED, "two models");
  const evaluations = await Promise.all(JUDGES.map((judge) => valueOf<Evaluation>(world, runId, judge)));
  await hand.select(JUDGES[0]);
  // The panel that opened may cover the other one.
  await page.keyboard.press("Control+2");
  await hand.node(JUDGES[1]).click({ modifiers: ["Control"] });
  await page.getByTestId("tab-charts").click();
  const chart = page.locator("[data-chart]").first();
  for (const [id, columns] of Object.entries(CURVES)) {
    await page.getByTestId(`chart-${id}`).click();
    await expect(chart).toHaveAttribute("data-chart", new RegExp(`-${id}$`));
    await expect.poll(() => inked(chart), id).toBeGreaterThan(500);
    const { columns: written, rows } = await table(page);
    expect(written.slice(1, columns.length + 1), id).toEqual(columns);
    const models = [...new Set(rows.map((row) => row[0]))];
    expect(models, id).toHaveLength(2);
    for (const [at, { curves }] of evaluations.entries()) {
      const shown = rows.filter((row) => row[0] === models[at]);
      for (const [place, column] of columns.entries()) expect(shown.map((row) => Number(row[place + 1])), `${id} ${column}`).toEqual(curves[id]?.[column]);
    }
  }
  // Names in the legend carry the figure that belongs to the curve.
  await page.getByTestId("chart-ks").click();
  const name = (await table(page)).rows[0]?.[0] ?? "";
  expect(name).toContain(new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 4 }).format(evaluations[0]?.metrics.ks ?? Number.NaN));
});

test("a chart says its values where the pointer is, and is saved as picture and drawing", async ({ signedIn: page, world }) => {
  // Values stand on the canvas, not in the document: what is written there is listened to.
  await page.addInitScript(() => {
    const { prototype } = CanvasRenderingContext2D;
    const fillText = prototype.fillText;
    prototype.fillText = function (this: CanvasRenderingContext2D, ...args: Parameters<typeof fillText>) {
      ((globalThis as unknown as { written?: string[] }).written ??= []).push(args[0]);
      fillText.apply(this, args);
    };
  });
  await page.reload();
  const { hand } = await ran(page, world, MENDED, "hovered");
  await hand.select(JUDGES[1]);
  await page.getByTestId("tab-charts").click();
  await page.getByTestId("chart-roc").click();
  const chart = page.locator("[data-chart]").first();
  await expect.poll(() => inked(chart)).toBeGreaterThan(500);
  const box = await chart.boundingBox();
  if (!box) throw new Error("the chart isn't there");
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.5);
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.5, { steps: 4 });
  const written = () => page.evaluate(() => (globalThis as unknown as { written?: string[] }).written?.join("\n") ?? "");
  await expect.poll(written).toMatch(/\d+(\.\d+)?% → \d+(\.\d+)?%/);

  const png = await saved(page, "PNG");
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  // Twice as many pixels as the page shows, so that it can be printed.
  expect(png.readUInt32BE(16)).toBeGreaterThan(box.width * 1.5);
  const svg = (await saved(page, "SVG")).toString("utf8");
  expect(svg).toMatch(/^<svg[\s\S]*<path[\s\S]*AUC[\s\S]*<\/svg>\s*$/);

  await page.getByRole("button", { name: "As a table" }).first().click();
  await expect(page.locator(".chart-table tbody tr").first()).toBeVisible();
});

test("scores and the confusion matrix follow the thresholds that were written", async ({ signedIn: page, world }) => {
  const { hand, runId } = await ran(page, world, MENDED, "thresholds");
  const { thresholds } = await valueOf<Evaluation>(world, runId, JUDGES[1]);
  await hand.select(JUDGES[1]);
  await page.getByTestId("tab-charts").click();

  await page.getByTestId("chart-scores").click();
  await expect(page.locator("[data-chart]").first()).toHaveAttribute("data-chart", /-scores$/);
  const first = thresholds[0];
  const { columns, rows } = await table(page);
  for (const [name, count] of [["negatives", (first?.tn ?? 0) + (first?.fp ?? 0)], ["positives", (first?.tp ?? 0) + (first?.fn ?? 0)]] as const) {
    expect(rows.reduce((sum, row) => sum + Number(row[columns.indexOf(name)]), 0), name).toBe(count);
  }

  await page.getByTestId("chart-confusion").click();
  const slider = page.getByRole("slider");
  const sorted = [...thresholds].sort((a, b) => a.threshold - b.threshold);
  const seen: string[] = [];
  for (const at of [1, Math.floor(sorted.length / 2)]) {
    await slider.fill(String(at));
    const { tp = 0, fn = 0, tn = 0, fp = 0 } = sorted[at] ?? {};
    const recall = page.locator("[data-figure=recall]");
    const share = (part: number, whole: number) => new Intl.NumberFormat("en-GB", { style: "percent", maximumFractionDigits: 1 }).format(part / whole);
    await expect(recall).toHaveText(share(tp, tp + fn));
    await expect(page.locator("[data-figure=specificity]")).toHaveText(share(tn, tn + fp));
    const cells = (await table(page)).rows.flat().map(Number);
    for (const count of [tp, fn, tn, fp]) expect(cells).toContain(count);
    seen.push((await recall.textContent()) ?? "");
  }
  expect(seen[0]).not.toBe(seen[1]);
});

test("importance of features, histograms of columns, and when operators ran", async ({ signedIn: page, world }) => {
  const { hand, runId } = await ran(page, world, WITH_IMPORTANCE, "importance");
  await hand.state("importance", "success");
  const report = await valueOf<{ charts: { labels: string[]; values: number[] }[] }>(world, runId, "importance");
  await hand.select("importance");
  await page.getByTestId("tab-charts").click();
  const chart = page.locator("[data-chart]").first();
  await expect.poll(() => inked(chart)).toBeGreaterThan(500);
  const bars = (await table(page)).rows;
  const [drawn] = report.charts;
  expect(drawn?.labels.length).toBeGreaterThan(20);
  expect(new Map(bars.map((row) => [row[0], Number(row[1])]))).toEqual(new Map(drawn?.labels.map((label, at) => [label, drawn.values[at]])));

  await hand.select("read");
  await page.getByTestId("tab-statistics").click();
  await expect(page.locator(".spark").first()).toBeVisible();
  expect(await page.locator(".spark rect").count()).toBeGreaterThan(20);
  await page.locator(".stats-name").filter({ hasText: /^AGE/ }).click();
  const histogram = (await table(page)).rows;
  expect(histogram.reduce((sum, row) => sum + Number(row.at(-1)), 0)).toBe(1_200);

  // A bar for each operator that ran; those that came from the cache took no time.
  const { items } = (await (await world.server.api("GET", `/runs/${runId}/tasks`)).json()) as { items: { operator: string; status: string; started_at_ms?: number }[] };
  const began = items.filter((task) => task.status === "success");
  expect(began.length).toBeGreaterThan(7);
  await page.goto(`${world.server.origin}/#/runs/${runId}`);
  const timeline = page.locator(`[data-chart=run-${runId}]`);
  await expect.poll(() => inked(timeline)).toBeGreaterThan(500);
  const { columns, rows } = await table(page);
  const shown = new Map(rows.map((row) => [row[columns.indexOf("operator")], Number(row[columns.indexOf("from_ms")])]));
  expect(shown).toEqual(new Map(began.map((task) => [task.operator, task.started_at_ms])));
});
