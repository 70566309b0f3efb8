// Schedules: when DAGs are due, what became of that, pausing.
import { json, part } from "./http";
import type { PastDue, ScheduleView } from "./types";

export function listSchedules(): Promise<{ items: ScheduleView[] }> {
  return json("/schedules");
}

export function getSchedule(dagId: string): Promise<ScheduleView> {
  return json(`/schedules/${part(dagId)}`);
}

/** The next due times, paused or not. */
export function dueTimes(dagId: string): Promise<{ next: number[] }> {
  return json(`/schedules/${part(dagId)}/due`);
}

export function scheduleHistory(dagId: string): Promise<{ items: PastDue[] }> {
  return json(`/schedules/${part(dagId)}/history`);
}

export function pauseSchedule(dagId: string, paused: boolean): Promise<ScheduleView> {
  return json(`/schedules/${part(dagId)}/paused`, { method: "PUT", json: { paused } });
}

/** When a schedule would be due; a `Problem` where it isn't one. */
export function previewSchedule(cron: string, timezone: string): Promise<{ next: number[] }> {
  return json("/schedules/preview", { method: "POST", json: { cron, ...(timezone ? { timezone } : {}), count: 3 } });
}
