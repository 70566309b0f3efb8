// From Enter in a field to the new curve over the old one, and where the time goes.
import type { Page } from "@playwright/test";
import { Hand, MENDED, expect, test } from "../e2e/world";

const EDITS = Number(process.env.SUANZI_BENCH_EDITS ?? 50);
const JUDGE = "eval_regression";

/** Milliseconds after Enter, on the page's clock. */
interface Answer {
  submitted: number;
  accepted: number;
  /** The evaluation's JSON is here. */
  value: number;
  /** The frame after the one in which the chart was drawn with it. */
  painted: number;
}

interface Probe {
  drawn: number;
  started: number;
  submitted: number;
  accepted: number;
  value: number;
}

/** Notes when charts are drawn and when requests go and come; nothing of the page is changed. */
async function probe(page: Page): Promise<void> {
  await page.addInitScript((judge) => {
    const marks: Probe = { drawn: 0, started: 0, submitted: 0, accepted: 0, value: 0 };
    (window as unknown as { probe: Probe }).probe = marks;
    const stroke = CanvasRenderingContext2D.prototype.stroke;
    CanvasRenderingContext2D.prototype.stroke = function (this: CanvasRenderingContext2D, path?: Path2D) {
      if (this.canvas instanceof HTMLCanvasElement && this.canvas.closest("[data-chart]")) marks.drawn = performance.now();
      if (path) stroke.call(this, path);
      else (stroke as (this: CanvasRenderingContext2D) => void).call(this);
    };
    const before = window.fetch;
    window.fetch = async (...all) => {
      const request = all[0] instanceof Request ? all[0] : new Request(...all);
      const path = new URL(request.url).pathname;
      const submits = request.method === "POST" && path.endsWith("/runs");
      if (submits) marks.submitted = performance.now();
      const answer = await before(request);
      if (submits) marks.accepted = performance.now();
      if (path.endsWith(`/${judge}/outputs/0/value`)) {
        const text = await answer.text();
        marks.value = performance.now();
        return new Response(text, answer);
      }
      return answer;
    };
    window.addEventListener("keydown", (event) => { if (event.key === "Enter") marks.started = performance.now(); }, true);
  }, JUDGE);
}

/** Waits in the page, frame by frame, for a chart drawn after the newest value has come. */
function painted(page: Page, limit_ms: number): Promise<Answer> {
  return page.evaluate((limit) => new Promise<Answer>((done, failed) => {
    const marks = (window as unknown as { probe: Probe }).probe;
    const begun = performance.now();
    const look = (now: number) => {
      const { started, submitted, accepted, value, drawn } = marks;
      if (started > 0 && value > started && drawn >= value) {
        done({ submitted: submitted - started, accepted: accepted - started, value: value - started, painted: Math.max(now, drawn) - started });
      } else if (performance.now() - begun > limit) failed(new Error(`no new curve within ${limit} ms: ${JSON.stringify(marks)}`));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }), limit_ms);
}

function p(values: number[], part: number): number {
  const sorted = values.slice().sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN);
}

test("edit to answer", async ({ signedIn: page, world }) => {
  test.setTimeout(900_000);
  await probe(page);
  const hand = new Hand(page, world.server);
  const dagId = await world.dagOf(MENDED, "edit to answer");
  await hand.open(dagId);
  await page.reload();
  await page.getByTestId("do-run").click();
  await hand.state(JUDGE, "success", "cached");
  await hand.select("regression");
  await page.getByTestId("tab-charts").click();
  await expect(page.locator("[data-chart] canvas").first()).toBeVisible();
  const rows: (Answer & { compute: number; beyond: number })[] = [];
  for (let n = 0; n < EDITS; n += 1) {
    await hand.param("C").fill(String(0.01 + n / 100));
    await page.waitForTimeout(300);
    await page.evaluate(() => Object.assign((window as unknown as { probe: Probe }).probe, { drawn: 0, started: 0, value: 0 }));
    const answer = painted(page, 60_000);
    await hand.param("C").press("Enter");
    const found = await answer;
    const runs = (await (await world.server.api("GET", `/runs?dag_id=${dagId}&limit=1`)).json()) as { items: { run_id: string }[] };
    const tasks = (await (await world.server.api("GET", `/runs/${runs.items[0]?.run_id}/tasks`)).json()) as { items: { status: string; duration_us?: number }[] };
    const changed = tasks.items.filter((task) => task.status === "success");
    expect(changed.map((task) => task.status).length, "regression, prediction, evaluation").toBe(3);
    const compute = changed.reduce((sum, task) => sum + (task.duration_us ?? 0) / 1_000, 0);
    rows.push({ ...found, compute, beyond: found.painted - compute });
    // The next edit finds the run over.
    await expect.poll(async () => ((await (await world.server.api("GET", `/runs/${runs.items[0]?.run_id}`)).json()) as { status: string }).status).toBe("success");
  }
  const of = (name: keyof (typeof rows)[number]) => rows.map((row) => row[name]);
  const line = Object.fromEntries((["submitted", "accepted", "value", "painted", "compute", "beyond"] as const).map((name) => [`${name}_ms`, { p50: p(of(name), 0.5), p95: p(of(name), 0.95) }]));
  process.stdout.write(`${JSON.stringify({ edits: rows.length, ...line })}\n`);
});
