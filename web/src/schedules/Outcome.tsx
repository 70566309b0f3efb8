// What became of a due time: how its run stands, or why there is none.
import { useTranslation } from "react-i18next";
import type { PastDue } from "@/api/types";
import { Status } from "@/ui/Status";

const TAGS = { begun: "tag-running", skipped: "", refused: "tag-bad" } as const;

export function Outcome({ due }: { due: Pick<PastDue, "outcome" | "status" | "reason"> }) {
  const { t } = useTranslation("schedules");
  if (due.status) return <Status status={due.status} />;
  return (
    <>
      <span className={`tag ${TAGS[due.outcome]}`} data-outcome={due.outcome}>{t(`outcomes.${due.outcome}`)}</span>
      {due.reason ? <span className="muted"> {due.reason}</span> : null}
    </>
  );
}
