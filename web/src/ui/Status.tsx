// A state as a tag: its colour, its shape and its word.
import { Ban, CircleCheck, CircleDashed, CircleX, Clock3, LoaderCircle, type LucideIcon, RotateCw, Zap } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { RunStatus, TaskStatus } from "@/api/types";

const LOOKS: Record<TaskStatus, { icon: LucideIcon; tag: string }> = {
  waiting: { icon: Clock3, tag: "" },
  running: { icon: LoaderCircle, tag: "tag-running" },
  retrying: { icon: RotateCw, tag: "tag-warn" },
  success: { icon: CircleCheck, tag: "tag-good" },
  cached: { icon: Zap, tag: "tag-cached" },
  failed: { icon: CircleX, tag: "tag-bad" },
  skipped: { icon: CircleDashed, tag: "" },
  cancelled: { icon: Ban, tag: "" },
};

export function Status({ status }: { status: TaskStatus | RunStatus }) {
  const { t } = useTranslation("app");
  const look = LOOKS[status] ?? LOOKS.waiting;
  return (
    <span className={`tag ${look.tag}`} data-status={status}>
      <look.icon size={12} aria-hidden className={status === "running" ? "turning" : undefined} />
      {t(`status.${status}`)}
    </span>
  );
}
