// What is wrong with the selected operator: why it failed in the shown run, what the server refuses, what the linter finds.
import { CircleAlert, CircleX, RotateCcw, TriangleAlert, Wrench } from "lucide-react";
import { useTranslation } from "react-i18next";
import { isOver, type LiveRun } from "@/api/live";
import type { Fault, LintFinding } from "@/api/types";
import { told } from "@/i18n/faults";
import { useLanguage } from "@/i18n/language";
import { Button } from "@/ui/Button";
import { useEditor } from "../state/context";
import { openTab } from "../state/ui";

/** Why it failed in the shown run; with what is set below, the run goes on from there. */
export function Failed({ operator, live, readOnly }: { operator: string; live: LiveRun; readOnly: boolean }) {
  const { t } = useTranslation("editor");
  const run = useEditor((state) => state.run);
  const runId = useEditor((state) => state.runId);
  const submitting = useEditor((state) => state.submitting);
  const task = live.tasks.get(operator);
  if (task?.status !== "failed" || !task.error) return null;
  return (
    <div className="trouble trouble-error" role="alert" data-testid="failed">
      <CircleX size={15} aria-hidden />
      <div className="grow">
        <div>{task.error.message}</div>
        {task.error.hint ? <div className="muted">{task.error.hint}</div> : null}
        <div className="row">
          <Button onClick={() => openTab("why")}>{t("form.whyFailed")}</Button>
          {!readOnly && runId !== null && live.run && isOver(live.run) ? <Button icon={RotateCcw} disabled={submitting} onClick={() => void run({ failed_of: runId })} data-testid="carry-on">{t("form.carryOn")}</Button> : null}
        </div>
      </div>
    </div>
  );
}

export function Troubles({ faults, lint, readOnly }: { faults: readonly Fault[]; lint: readonly LintFinding[]; readOnly: boolean }) {
  const language = useLanguage();
  const mend = useEditor((state) => state.mend);
  return (
    <>
      {faults.map((fault) => (
        <div key={`${fault.code} ${fault.message}`} className={fault.warning ? "trouble trouble-warning" : "trouble trouble-error"}>
          {fault.warning ? <TriangleAlert size={15} aria-hidden /> : <CircleAlert size={15} aria-hidden />}
          <div className="grow">
            <div>{told(fault)}</div>
            {fault.hint ? <div className="muted">{fault.hint}</div> : null}
          </div>
        </div>
      ))}
      {lint.map((finding) => (
        <div key={finding.code} className={finding.severity === "error" ? "trouble trouble-error" : "trouble trouble-warning"} data-lint={finding.code}>
          <TriangleAlert size={15} aria-hidden />
          <div className="grow">
            <div>{finding.message[language]}</div>
            <div className="muted">{finding.hint[language]}</div>
            {finding.fix && !readOnly ? (
              <Button icon={Wrench} onClick={() => mend(finding.fix?.edits ?? [])}>{finding.fix.label[language]}</Button>
            ) : null}
          </div>
        </div>
      ))}
    </>
  );
}
