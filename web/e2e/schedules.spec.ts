// Schedules: given in the editor, kept by the server, paused and looked at in their page.
import { Hand, expect, test } from "./world";

const PLAIN = "dag:\n  name: plain\n  operator_list: [only]\n  operator_details:\n    only: {algo_name: noop}\n";
/** A minute until it is due, and time for a loaded machine. */
const DUE_WITHIN_MS = 150_000;

// Other tests leave schedules behind; here the page is seen without any.
test.use({ place: "schedules" });

test("a DAG is given a schedule, which counts once it is saved, and is paused", async ({ signedIn: page, world }) => {
  const hand = new Hand(page, world.server);
  const dagId = await world.dagOf(PLAIN, "scheduled");
  await page.goto(`${world.server.origin}/#/schedules`);
  await expect(page.getByRole("heading", { level: 2 })).toHaveText("No DAG has a schedule");
  await hand.open(dagId);
  const cron = page.getByTestId("dag-cron");
  await cron.fill("61 * * * *");
  await cron.press("Enter");
  await expect(page.getByRole("alert").filter({ hasText: "61 * * * *" })).toBeVisible();
  await cron.fill("0 6 * * *");
  await cron.press("Enter");
  await page.getByTestId("dag-timezone").fill("Asia/Shanghai");
  await page.getByTestId("dag-timezone").press("Enter");
  await page.getByTestId("dag-missed").selectOption("once");
  await expect(page.getByTestId("dag-due").locator(".num")).toHaveCount(3);
  await expect(page.getByTestId("dag-schedule-state")).toHaveText("Counts once the DAG is saved.");

  // An address that nobody allowed is refused where it is written.
  await page.getByTestId("dag-on_failure").fill("http://127.0.0.1:9/");
  await page.getByTestId("dag-on_failure").press("Enter");
  await expect(page.locator(".trouble-error").filter({ hasText: "--webhook-host 127.0.0.1:9" })).toBeVisible();
  await page.getByTestId("dag-on_failure").fill("");
  await page.getByTestId("dag-on_failure").press("Enter");
  await expect(page.locator(".trouble-error")).toHaveCount(0);

  await page.keyboard.press("ControlOrMeta+s");
  await expect(page.getByTestId("dag-schedule-state")).toContainText("The server runs it: version 2.");
  const { source } = (await (await world.server.api("GET", `/dags/${dagId}`)).json()) as { source: string };
  expect(source).toContain("Asia/Shanghai");

  await page.goto(`${world.server.origin}/#/schedules`);
  const row = page.getByTestId(`schedule-${dagId}`);
  await expect(row).toContainText("0 6 * * *");
  await expect(row).toContainText("Run once");
  await expect(row).toContainText("Active");
  await page.getByTestId(`schedule-pause-${dagId}`).click();
  await expect(row).toContainText("Paused");
  const kept = (await (await world.server.api("GET", `/schedules/${dagId}`)).json()) as { paused: boolean };
  expect(kept.paused).toBe(true);
  await page.getByTestId("language").click();
  await expect(row).toContainText("已暂停");
  await page.getByTestId("language").click();
  await page.getByTestId(`schedule-pause-${dagId}`).click();
  await expect(row).toContainText("Active");
  await page.getByTestId(`schedule-open-${dagId}`).click();
  const detail = page.getByTestId(`schedule-detail-${dagId}`);
  await expect(detail.locator("li")).toHaveCount(5);
  await expect(detail).toContainText("Nothing has been due yet");
});

test("a run that was due is in the history", async ({ signedIn: page, world }) => {
  test.setTimeout(DUE_WITHIN_MS + 60_000);
  const dagId = await world.dagOf(PLAIN.replace("dag:\n", 'dag:\n  schedule: "* * * * *"\n'), "minutely");
  await page.goto(`${world.server.origin}/#/schedules`);
  await page.getByTestId(`schedule-open-${dagId}`).click();
  const detail = page.getByTestId(`schedule-detail-${dagId}`);
  await expect(detail.locator('[data-status="success"]').first()).toBeVisible({ timeout: DUE_WITHIN_MS });
  await page.getByTestId(`schedule-pause-${dagId}`).click();
  await detail.locator("a").last().click();
  await expect(page).toHaveURL(/#\/runs\//);
  await expect(page.getByTestId("run-node-only")).toHaveAttribute("data-status", "success");
});
