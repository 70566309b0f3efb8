// Statistics of what the selection is about: the operator's chosen output, or what flows along the edge.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useLiveRun } from "@/api/live";
import { getOutput } from "@/api/outputs";
import { keys } from "@/api/queries";
import type { PanelProps } from "@/editor/panel";
import { Statistics } from "@/tables/Statistics";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import "./results.css";

export default function StatisticsTab({ runId, source }: PanelProps) {
  const { tasks } = useLiveRun(runId);
  const output = source ? tasks.get(source.operator)?.outputs.find((entry) => entry.port === source.port) : undefined;
  if (runId === null || source === null) return null;
  return <StatisticsOf runId={runId} operator={source.operator} port={source.port} described={output?.described} />;
}

interface Props {
  runId: string;
  operator: string;
  port: number;
  /** Undefined while the output isn't there. */
  described: boolean | undefined;
}

export function StatisticsOf({ runId, operator, port, described }: Props) {
  const { t } = useTranslation("results");
  const { data, error, refetch } = useQuery({
    queryKey: keys.output(runId, operator, port),
    queryFn: ({ signal }) => getOutput(runId, operator, port, signal),
    enabled: described !== undefined,
    staleTime: (query) => (query.state.data?.described ? Infinity : 0),
    // Statistics follow a moment after the result.
    refetchInterval: (query) => (query.state.data && !query.state.data.described && query.state.dataUpdateCount < 30 ? 700 : false),
  });
  if (described === undefined) return <div className="empty">{t("notYet")}</div>;
  if (error) return <Failure error={error} again={() => void refetch()} />;
  if (!data) return <div className="empty"><Spinner /></div>;
  if (!data.statistics) return <div className="empty">{data.described || data.type !== "data" ? t("statistics.none") : <><Spinner />{t("statistics.making")}</>}</div>;
  return <Statistics stats={data.statistics} />;
}
