// Which other run of the same DAG a run is compared with; the one before it first.
import { useQuery } from "@tanstack/react-query";
import { GitCompareArrows } from "lucide-react";
import { useTranslation } from "react-i18next";
import { keys } from "@/api/queries";
import { listRuns } from "@/api/runs";
import { go, to } from "@/app/router";
import { formatTime } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { Button } from "@/ui/Button";
import { Menu, MenuItem } from "@/ui/Menu";
import { Status } from "@/ui/Status";

/** So many runs are offered; any two can be chosen in the list of runs. */
const MOST = 12;

export function CompareMenu({ runId, dagId }: { runId: string; dagId: string }) {
  const { t } = useTranslation("compare");
  const language = useLanguage();
  const { data } = useQuery({ queryKey: [...keys.runs, { dag_id: dagId, limit: 100 }], queryFn: () => listRuns({ dag_id: dagId, limit: 100 }) });
  const runs = data?.items ?? [];
  const here = runs.findIndex((run) => run.run_id === runId);
  // Newest first: what stands behind this one is older.
  const [newer, older] = [runs.slice(0, Math.max(here, 0)), runs.slice(here + 1)];
  const offered = [...older.map((run) => ({ run, before: run.run_id, after: runId })), ...newer.reverse().map((run) => ({ run, before: runId, after: run.run_id }))].slice(0, MOST);
  if (offered.length === 0) return null;
  return (
    <Menu align="end" trigger={<Button icon={GitCompareArrows} data-testid="run-compare">{t("compareWith")}</Button>}>
      {offered.map(({ run, before, after }) => (
        <MenuItem key={run.run_id} onSelect={() => go(to("/compare/:before/:after", { before, after }))} testId={`compare-with-${run.run_id}`}>
          <span className="row"><Status status={run.status} /><span className="num">{formatTime(language, run.created_at_ms)}</span></span>
        </MenuItem>
      ))}
    </Menu>
  );
}
