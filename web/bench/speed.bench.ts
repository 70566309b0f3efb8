// Frames and opening.
import type { Page } from "@playwright/test";
import type { Server } from "../e2e/server";
import { Hand, expect, test } from "../e2e/world";

interface Frames {
  p50_ms: number;
  p95_ms: number;
  max_ms: number;
}

async function frames(page: Page, act: () => Promise<void>): Promise<Frames> {
  await page.evaluate(() => {
    const holder = window as unknown as { framesMeasured: number[]; framesGoing: boolean };
    holder.framesMeasured = [];
    holder.framesGoing = true;
    let last = performance.now();
    const next = (now: number) => {
      holder.framesMeasured.push(now - last);
      last = now;
      if (holder.framesGoing) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  await act();
  const all = await page.evaluate(() => {
    const holder = window as unknown as { framesMeasured: number[]; framesGoing: boolean };
    holder.framesGoing = false;
    return holder.framesMeasured.slice(2).sort((a, b) => a - b);
  });
  const at = (part: number) => Number((all[Math.min(all.length - 1, Math.floor(all.length * part))] ?? 0).toFixed(1));
  return { p50_ms: at(0.5), p95_ms: at(0.95), max_ms: at(1) };
}

/** A grid of operators, each fed by the one above. */
function grid(count: number): string {
  const across = 40;
  const ids = Array.from({ length: count }, (_, n) => `n${n}`);
  const rels = ids.slice(0, Math.max(count - across, 0)).map((id, n) => `  ${id}: [{target: n${n + across}, source_index: 0, target_index: 0}]`);
  const details = ids.map((id, n) => {
    const kind = n < across ? "algo_local_read_file" : "algo_local_split_data";
    return `  ${id}: {algo_name: ${kind}, coordinate: {x: ${(n % across) * 230}, y: ${Math.floor(n / across) * 110}}, params: {${n < across ? "data_id: 40" : ""}}}`;
  });
  return `dag:\n operator_list: [${ids.join(", ")}]\n operator_rels:\n${rels.join("\n")}\n operator_details:\n${details.join("\n")}\n`;
}

async function wheel(page: Page, delta: number, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    await page.mouse.wheel(0, delta);
    await page.waitForTimeout(16);
  }
}

/** A run of it is shown on the canvas meanwhile; how many operators it got through is said with the figures, as without any there was nothing to show. */
async function whileRunning(page: Page, server: Server, dagId: string, act: () => Promise<Frames>): Promise<Frames & { operators_done: number }> {
  const newest = async () => ((await (await server.api("GET", `/runs?dag_id=${dagId}&limit=1`)).json()) as { items: { run_id: string }[] }).items[0]?.run_id;
  await page.getByTestId("do-run").click();
  await expect.poll(newest).toBeDefined();
  const run_id = await newest();
  const done = async () => ((await (await server.api("GET", `/runs/${run_id}`)).json()) as { done: number }).done;
  const before = await done();
  const found = await act();
  const operators_done = (await done()) - before;
  await server.api("POST", `/runs/${run_id}/cancel`).catch(() => undefined);
  return { ...found, operators_done };
}

for (const count of [0, 1_000, 3_000]) {
  test(`frames with ${count} operators`, async ({ signedIn: page, world }) => {
    const hand = new Hand(page, world.server);
    const dagId = count === 0
      ? ((await (await world.server.api("POST", "/dags?title=empty&draft=true", "", "application/yaml")).json()) as { dag_id: string }).dag_id
      : await world.dagOf(grid(count), `grid ${count}`);
    const begun = Date.now();
    await hand.open(dagId);
    if (count > 0) await page.locator('.node, [data-far="true"]').first().waitFor();
    const open_ms = Date.now() - begun;
    await page.waitForTimeout(1_500);
    const box = await page.getByTestId("canvas").boundingBox();
    if (!box) throw new Error("there is no canvas");
    const x = box.x + box.width / 2;
    const y = box.y + box.height / 2;
    const idle = await frames(page, () => page.waitForTimeout(1_500));
    await page.keyboard.press("Control+2");
    await page.mouse.move(x, y);
    const there_and_back = async () => {
      await wheel(page, -40, 70);
      await page.waitForTimeout(300);
      await wheel(page, 40, 70);
    };
    const zoom = await frames(page, there_and_back);
    const live = count === 0 ? null : await whileRunning(page, world.server, dagId, () => frames(page, there_and_back));
    await wheel(page, -60, 40);
    await page.waitForTimeout(500);
    const pan = await frames(page, async () => {
      await page.mouse.move(x, y + 140);
      await page.mouse.down();
      for (let n = 0; n < 120; n += 1) {
        await page.mouse.move(x + Math.sin(n / 15) * 380, y + 140 - Math.cos(n / 15) * 200);
        await page.waitForTimeout(12);
      }
      await page.mouse.up();
    });
    process.stdout.write(`${JSON.stringify({ operators: count, open_ms, idle, zoom, live, pan })}\n`);
  });
}
