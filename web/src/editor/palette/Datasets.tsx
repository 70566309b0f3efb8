// The datasets there are; one dragged or double-clicked onto the canvas becomes an operator that reads it.
import { useQuery } from "@tanstack/react-query";
import { Database, Search } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type DatasetItem, listDatasets } from "@/api/datasets";
import { keys } from "@/api/queries";
import type { Catalogue } from "@/graph/model";
import { formatNumber } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import { useAdding } from "../canvas/useAdding";
import { useUi } from "../state/ui";
import { DRAGGED_DATASET, readerOf } from "./dragged";

export function Datasets({ catalogue, readOnly }: { catalogue: Catalogue; readOnly: boolean }) {
  const { t } = useTranslation("editor");
  const [query, setQuery] = useState("");
  const { data, error, refetch } = useQuery({ queryKey: keys.datasets, queryFn: listDatasets });
  if (error) return <Failure error={error} again={() => void refetch()} />;
  if (!data) return <div className="empty"><Spinner /></div>;
  const wanted = query.trim().toLowerCase();
  const found = data.items.filter((item) => `${item.title} ${item.id} ${item.description}`.toLowerCase().includes(wanted));
  return (
    <>
      <label className="palette-search">
        <Search size={15} aria-hidden />
        <input className="input" type="search" value={query} onChange={(event) => setQuery(event.target.value)} placeholder={t("palette.searchDatasets")} aria-label={t("palette.searchDatasets")} data-testid="palette-search-datasets" />
      </label>
      <div className="palette-list">
        {found.map((item) => <Item key={item.id} item={item} catalogue={catalogue} readOnly={readOnly} />)}
        {found.length === 0 && wanted !== "" ? <p className="palette-none">{t("palette.noDataset", { query })}</p> : null}
        <p className="palette-none">{data.items.length === 0 ? `${t("palette.noDatasets")} ` : ""}<a href="#/datasets">{t("palette.toDatasets")}</a></p>
      </div>
    </>
  );
}

function Item({ item, catalogue, readOnly }: { item: DatasetItem; catalogue: Catalogue; readOnly: boolean }) {
  const { t } = useTranslation("editor");
  const language = useLanguage();
  const add = useAdding(catalogue);
  const put = () => {
    const at = useUi.getState().control?.middle();
    const what = readerOf(catalogue, item.id);
    if (at && what) add({ ...what, at });
  };
  const size = item.rows === undefined || item.columns === undefined ? "" : t("palette.datasetSize", { rows: formatNumber(language, item.rows), columns: formatNumber(language, item.columns) });
  return (
    <button
      type="button" className="palette-item palette-dataset" draggable={!readOnly} disabled={readOnly} title={[item.title, item.id, item.description].filter(Boolean).join("\n")} data-testid={`palette-dataset-${item.id}`}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAGGED_DATASET, item.id);
        event.dataTransfer.effectAllowed = "copy";
      }}
      onDoubleClick={put}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        put();
      }}
    >
      <Database size={15} aria-hidden />
      <span className="grow"><span className="block clip">{item.title || item.id}</span>{size ? <span className="block muted palette-size">{size}</span> : null}</span>
    </button>
  );
}
