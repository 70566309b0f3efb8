// One dataset: its rows and the statistics of its columns.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { getDataset, getDatasetRows } from "@/api/datasets";
import { keys } from "@/api/queries";
import type { PageProps } from "@/app/pages";
import { formatNumber } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { PagedTable } from "@/tables/PagedTable";
import { Statistics } from "@/tables/Statistics";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import { Tabs } from "@/ui/Tabs";
import "./datasets.css";

export default function DatasetPage({ params }: PageProps) {
  const { t } = useTranslation("datasets");
  const language = useLanguage();
  const id = params.datasetId ?? "";
  const [tab, setTab] = useState("rows");
  const { data, error, refetch } = useQuery({ queryKey: [...keys.datasets, id], queryFn: ({ signal }) => getDataset(id, signal) });
  if (error) return <Failure error={error} again={() => void refetch()} />;
  if (!data) return <div className="empty"><Spinner /></div>;
  const { dataset, statistics } = data;
  return (
    <div className="dataset">
      <div className="dataset-head">
        <a href="#/datasets">{t("title")}</a>
        <h1 className="clip">{dataset.title}</h1>
        <span className="muted num">{t("shape", { rows: formatNumber(language, statistics.rows), columns: formatNumber(language, data.columns.length) })}</span>
        <span className="tag mono">{dataset.id}</span>
      </div>
      {dataset.description ? <p className="muted dataset-words">{dataset.description}</p> : null}
      <div className="dataset-body">
        <Tabs
          label={dataset.title} value={tab} onChange={setTab}
          tabs={[
            { id: "rows", label: t("results:tab.preview"), content: () => <PagedTable id={[...keys.datasets, id, dataset.created_at_ms]} label={dataset.title} read={(offset, limit, signal) => getDatasetRows(id, offset, limit, signal)} /> },
            { id: "statistics", label: t("results:tab.statistics"), content: () => <Statistics stats={statistics} /> },
          ]}
        />
      </div>
    </div>
  );
}
