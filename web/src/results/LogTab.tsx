// What the operator printed, live; colours kept, control sequences not.
import { useTranslation } from "react-i18next";
import type { PanelProps } from "@/editor/panel";
import { Log } from "./Log";
import "./results.css";

export default function LogTab({ runId, operator, task }: PanelProps) {
  const { t } = useTranslation("results");
  if (runId === null || operator === null || task === null) return null;
  if (task.attempt === 0) return <div className="empty">{t(task.status === "cached" ? "log.cached" : "log.notYet")}</div>;
  return <Log key={`${runId}/${operator.id}`} runId={runId} operator={operator.id} attempts={task.attempt} running={task.status === "running"} />;
}
