// The editor of one DAG.
import { useQuery } from "@tanstack/react-query";
import { getDag } from "@/api/dags";
import { keys } from "@/api/queries";
import type { PageProps } from "@/app/pages";
import { InTopBar } from "@/app/slot";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";

export default function EditorPage({ params }: PageProps) {
  const dagId = params.dagId ?? "";
  const { data, error, refetch } = useQuery({ queryKey: keys.dag(dagId), queryFn: () => getDag(dagId) });
  if (error) return <Failure error={error} again={() => void refetch()} />;
  if (!data) return <div className="empty"><Spinner /></div>;
  return (
    <InTopBar>
      <strong className="clip">{data.title}</strong>
    </InTopBar>
  );
}
