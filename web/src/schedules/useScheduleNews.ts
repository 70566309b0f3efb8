// Schedules are read again when a DAG was saved, and when a run began or ended.
import { useEffect } from "react";
import { listen } from "@/api/events";
import { keys, queries } from "@/api/queries";

export function useScheduleNews(): void {
  useEffect(
    () =>
      listen((event) => {
        if (event.type === "dag_changed" || event.type === "run_started" || event.type === "run_ended") void queries.invalidateQueries({ queryKey: keys.schedules });
      }),
    [],
  );
}
