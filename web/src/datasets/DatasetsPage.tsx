// Datasets: those there are, bringing in a file, and a look into one of them.
import { useQuery } from "@tanstack/react-query";
import { FileUp, Trash2 } from "lucide-react";
import { type ChangeEvent, type DragEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type DatasetItem, deleteDataset, listDatasets } from "@/api/datasets";
import { keys, queries } from "@/api/queries";
import { to } from "@/app/router";
import { complain } from "@/app/toasts";
import { formatAgo, formatBytes, formatNumber, formatTime } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import { ImportDialog } from "./ImportDialog";
import "./datasets.css";

export default function DatasetsPage() {
  const { t } = useTranslation("datasets");
  const { data, error, refetch } = useQuery({ queryKey: keys.datasets, queryFn: listDatasets });
  const [file, setFile] = useState<File | null>(null);
  const [gone, setGone] = useState<DatasetItem | null>(null);
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  const pick = (event: ChangeEvent<HTMLInputElement>) => {
    setFile(event.target.files?.[0] ?? null);
    event.target.value = "";
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    setFile(event.dataTransfer.files[0] ?? null);
  };
  const remove = async (dataset: DatasetItem) => {
    setGone(null);
    try {
      await deleteDataset(dataset.id);
      await queries.invalidateQueries({ queryKey: keys.datasets });
    } catch (problem) {
      complain(problem);
    }
  };
  if (error) return <Failure error={error} again={() => void refetch()} />;
  return (
    <div
      className={over ? "page datasets-over" : "page"}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave={(event) => { if (event.currentTarget === event.target) setOver(false); }}
      onDrop={drop}
    >
      <div className="page-inner">
        <div className="page-head">
          <h1 className="grow">{t("title")}</h1>
          <input ref={input} type="file" accept=".csv,.tsv,.txt,.parquet,.jsonl,.ndjson" hidden onChange={pick} data-testid="datasets-file" />
          <Button primary icon={FileUp} onClick={() => input.current?.click()} data-testid="datasets-upload">{t("upload")}</Button>
        </div>
        {!data ? <div className="empty"><Spinner /></div> : data.items.length === 0 ? (
          <div className="card empty"><h2>{t("empty")}</h2><p>{t("emptyHint")}</p></div>
        ) : (
          <List items={data.items} onRemove={setGone} />
        )}
      </div>
      {file ? <ImportDialog key={`${file.name}/${file.size}/${file.lastModified}`} file={file} onClose={() => setFile(null)} /> : null}
      {gone ? (
        <Dialog
          title={t("remove.title")} description={t(gone.path ? "remove.explainPath" : "remove.explain", { title: gone.title })} onClose={() => setGone(null)}
          foot={<><Button onClick={() => setGone(null)}>{t("remove.keep")}</Button><Button danger onClick={() => void remove(gone)} data-testid="datasets-remove-done">{t("remove.do")}</Button></>}
        >
          {null}
        </Dialog>
      ) : null}
    </div>
  );
}

function List({ items, onRemove }: { items: readonly DatasetItem[]; onRemove: (dataset: DatasetItem) => void }) {
  const { t } = useTranslation("datasets");
  const language = useLanguage();
  const number = (value: number | undefined) => (value === undefined ? "" : formatNumber(language, value));
  return (
    <div className="card datasets-card">
      <table className="table">
        <thead>
          <tr><th>{t("name")}</th><th>{t("id")}</th><th>{t("format")}</th><th className="num">{t("rows")}</th><th className="num">{t("columns")}</th><th className="num">{t("size")}</th><th>{t("added")}</th><th aria-label={t("actions")} /></tr>
        </thead>
        <tbody>
          {items.map((dataset) => (
            <tr key={dataset.id} data-testid={`dataset-${dataset.id}`}>
              <td>
                <a href={`#${to("/datasets/:datasetId", { datasetId: dataset.id })}`}>{dataset.title}</a>
                {dataset.description ? <div className="muted clip datasets-words">{dataset.description}</div> : null}
              </td>
              <td className="mono muted">{dataset.id}</td>
              <td>{dataset.format ? <span className="tag">{dataset.format}</span> : null}</td>
              <td className="num">{number(dataset.rows)}</td>
              <td className="num">{number(dataset.columns)}</td>
              <td className="num">{dataset.bytes === undefined ? "" : formatBytes(language, dataset.bytes)}</td>
              <td className="muted" title={formatTime(language, dataset.created_at_ms)}>{formatAgo(language, dataset.created_at_ms)}</td>
              <td className="num"><IconButton plain icon={Trash2} label={t("remove.label", { title: dataset.title })} onClick={() => onRemove(dataset)} data-testid={`datasets-remove-${dataset.id}`} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
