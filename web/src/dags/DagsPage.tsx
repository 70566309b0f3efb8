// The list of DAGs.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { listDags } from "@/api/dags";
import { keys } from "@/api/queries";
import { to } from "@/app/router";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";

export default function DagsPage() {
  const { t } = useTranslation("app");
  const { data, error, refetch } = useQuery({ queryKey: keys.dags, queryFn: () => listDags("") });
  if (error) return <Failure error={error} again={() => void refetch()} />;
  if (!data) return <div className="empty"><Spinner /></div>;
  return (
    <div className="page">
      <div className="page-inner">
        <h1>{t("nav.dags")}</h1>
        <ul>
          {data.items.map((dag) => (
            <li key={dag.dag_id}><a href={`#${to("/dags/:dagId", { dagId: dag.dag_id })}`}>{dag.title}</a></li>
          ))}
        </ul>
      </div>
    </div>
  );
}
