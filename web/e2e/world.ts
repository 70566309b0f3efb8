// What every test begins with: a server, a signed-in page, a small dataset; and the gestures of someone who draws a DAG.
import { type Page, test as base, expect } from "@playwright/test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, Server } from "./server";

export { expect };

export interface World {
  server: Server;
  dagOf: (source: string, title: string) => Promise<string>;
}

/** Server and home are shared by all tests that name the same `place`, those that name none included. */
export const test = base.extend<{ signedIn: Page; errors: string[] }, { place: string; world: World }>({
  place: ["", { option: true, scope: "worker" }],
  world: [
    // A place of its own means a worker, and so a world, of its own.
    async ({ place }, use) => {
      const server = new Server(place);
      await server.start();
      await server.api("POST", `/uploads?name=${CREDIT}.csv`, creditTable(), "text/csv")
        .then(async (answer) => server.api("POST", "/datasets", { id: CREDIT, title: "Credit", upload_id: ((await answer.json()) as { upload_id: string }).upload_id }));
      await use({
        server,
        dagOf: async (source, title) => {
          const answer = await server.api("POST", `/dags?title=${encodeURIComponent(title)}`, source, "application/yaml");
          return ((await answer.json()) as { dag_id: string }).dag_id;
        },
      });
      await server.remove();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  errors: async ({}, use) => {
    const errors: string[] = [];
    await use(errors);
    expect(errors, "what the browser's console complained of").toEqual([]);
  },
  signedIn: async ({ page, world, errors }, use) => {
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => {
      // Refusals are answers that the page shows; the browser lists them all the same.
      if (message.type() === "error" && !message.text().includes("Failed to load resource")) errors.push(message.text());
    });
    await signIn(page, world.server);
    await use(page);
  },
});

export async function signIn(page: Page, server: Server): Promise<void> {
  const { url } = (await (await server.api("POST", "/codes")).json()) as { url: string };
  await page.goto(url);
  await expect(page.getByRole("navigation")).toBeVisible();
}

/** The id that the seed's DAG reads. */
export const CREDIT = "40";
export const SEED = readFileSync(join(ROOT, "examples", "seed-dag.yaml"), "utf8");
export const MENDED = readFileSync(join(ROOT, "examples", "credit-mended.yaml"), "utf8");
/** With the trees registered as `credit-trees`. */
export const REGISTERED = MENDED
  .replace("eval_gbdt]", "eval_gbdt, keep]")
  .replace('{"target":"predict_gbdt","source_index":0,"target_index":1}', '{"target":"predict_gbdt","source_index":0,"target_index":1},{"target":"keep","source_index":0,"target_index":0}')
  .concat("  keep: {algo_name: register_model, coordinate: {x: 700, y: 400}, params: {name: credit-trees}}\n");

const FEATURES = ["LIMIT_BAL", "SEX", "EDUCATION", "MARRIAGE", "AGE", "PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6", "BILL_AMT1", "BILL_AMT2", "BILL_AMT3", "BILL_AMT4", "BILL_AMT5", "BILL_AMT6", "PAY_AMT1", "PAY_AMT2", "PAY_AMT3", "PAY_AMT4", "PAY_AMT5", "PAY_AMT6"];

/** A table with the columns that the seed's pipeline names, and a label that depends on some of them. */
export function creditTable(rows = 1_200): string {
  let state = 7;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  const lines = [[...FEATURES, "next_month"].join(",")];
  for (let row = 0; row < rows; row += 1) {
    const values = FEATURES.map((name) => {
      if (name === "LIMIT_BAL") return Math.round(10_000 + random() * 490_000);
      if (name.startsWith("PAY_A") || name.startsWith("BILL")) return Math.round(random() * 90_000);
      if (name.startsWith("PAY")) return Math.round(random() * 5) - 2;
      if (name === "AGE") return Math.round(21 + random() * 50);
      return 1 + Math.floor(random() * 3);
    });
    const late = (values[5] ?? 0) + (values[6] ?? 0) - (values[0] ?? 0) / 250_000 + random() * 3;
    lines.push([...values, late > 2 ? 1 : 0].join(","));
  }
  return `${lines.join("\n")}\n`;
}

/** What someone does with the editor. */
export class Hand {
  readonly page: Page;
  readonly server: Server;

  constructor(page: Page, server: Server) {
    this.page = page;
    this.server = server;
  }

  async open(dagId: string): Promise<void> {
    await this.page.goto(`${this.server.origin}/#/dags/${dagId}`);
    await expect(this.page.getByTestId("canvas")).toBeVisible();
    await expect(this.page.getByTestId("kind-algo_local_read_file")).toBeAttached();
  }

  /** Drags a kind from the palette; gives the new operator's id. */
  async put(kind: string, x: number, y: number): Promise<string> {
    const before = new Set(await this.ids());
    await this.page.getByTestId("palette-search").fill(kind);
    await this.page.getByTestId(`kind-${kind}`).dragTo(this.page.getByTestId("canvas"), { targetPosition: { x, y } });
    await expect.poll(async () => (await this.ids()).length).toBe(before.size + 1);
    return (await this.ids()).find((id) => !before.has(id)) ?? "";
  }

  ids(): Promise<string[]> {
    return this.page.locator(".react-flow__node").evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).dataset.id ?? ""));
  }

  node(id: string) {
    return this.page.getByTestId(`node-${id}`);
  }

  edges() {
    return this.page.locator(".react-flow__edge");
  }

  async drag(from: string, output: number, to: string, input: number): Promise<void> {
    const start = await this.page.getByTestId(`port-${from}-out-${output}`).boundingBox();
    const end = await this.page.getByTestId(`port-${to}-in-${input}`).boundingBox();
    if (!start || !end) throw new Error("a port isn't there");
    await this.page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
    await this.page.mouse.down();
    await this.page.mouse.move(end.x + end.width / 2, end.y - 14, { steps: 6 });
    await this.page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 3 });
    await this.page.mouse.up();
  }

  async select(id: string): Promise<void> {
    await this.node(id).click();
    await expect(this.page.getByTestId("form")).toBeVisible();
  }

  /** The control of a parameter of the selected operator. */
  param(name: string) {
    return this.page.locator(`[data-param="${name}"]`).locator("input, select, textarea").first();
  }

  async state(id: string, ...states: string[]): Promise<void> {
    await expect.poll(() => this.node(id).getAttribute("data-status"), { timeout: 60_000 }).toMatch(new RegExp(`^(${states.join("|")})$`));
  }

  async clear(): Promise<void> {
    await this.page.getByTestId("palette-search").fill("");
  }
}
