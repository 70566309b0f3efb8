// Where runs go to an MLflow server: whether this one is there, and why not yet. Nothing elsewhere.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { keys } from "@/api/queries";
import { getRun } from "@/api/runs";
import type { MlflowView } from "@/api/types";

const TAGS: Readonly<Record<MlflowView["state"], string>> = { sent: "tag-good", waiting: "", given_up: "tag-bad" };
/** While it waits: nobody tells when it is sent. */
const LOOK_AGAIN_MS = 3_000;

export function MlflowTag({ runId }: { runId: string }) {
  const { t } = useTranslation("runs");
  const { data } = useQuery({
    queryKey: [...keys.run(runId), "mlflow"],
    queryFn: () => getRun(runId),
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data?.mlflow?.state === "waiting" ? LOOK_AGAIN_MS : false),
  });
  const mlflow = data?.mlflow;
  if (!mlflow) return null;
  return (
    <div data-testid="run-mlflow">
      <dt>{t("mlflow.title")}</dt>
      <dd>
        <span className={`tag ${TAGS[mlflow.state]}`} title={mlflow.reason ?? mlflow.run_id}>{t(`mlflow.${mlflow.state}`)}</span>
        {mlflow.state !== "sent" && mlflow.reason ? <span className="muted"> {mlflow.reason}</span> : null}
      </dd>
    </div>
  );
}
