// Why an operator failed: its message, what to do about it, and where in its code.
import { CircleX } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { TaskError } from "@/api/types";
import "./results.css";

export function FailureView({ error }: { error: TaskError }) {
  const { t } = useTranslation("results");
  return (
    <div className="task-error" role="alert">
      <CircleX size={16} aria-hidden />
      <div className="grow column">
        <p className="bad">{error.message}</p>
        {error.hint ? <p>{error.hint}</p> : null}
        {error.traceback ? <details open><summary>{t("traceback")}</summary><pre className="mono" tabIndex={0}>{error.traceback}</pre></details> : null}
      </div>
    </div>
  );
}
