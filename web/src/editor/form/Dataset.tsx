// Which dataset is read: one of those there are, or an id.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { json } from "@/api/http";
import { keys } from "@/api/queries";
import { TextControl, type FieldProps } from "./Field";

interface DatasetProps extends FieldProps {
  id: string;
  faulty: boolean;
  describedBy: string;
  onTyped: (value: unknown) => void;
}

export interface DatasetItem {
  id: string;
  title: string;
}

export function useDatasets(): readonly DatasetItem[] {
  const { data } = useQuery({ queryKey: [...keys.datasets, "names"], queryFn: () => json<{ items: DatasetItem[] }>("/datasets", { query: { limit: 1000 } }) });
  return data?.items ?? [];
}

export function Dataset(props: DatasetProps) {
  const { id, value, readOnly, faulty, describedBy, onCommit } = props;
  const { t } = useTranslation("editor");
  const items = useDatasets();
  if (items.length === 0) return <TextControl {...props} long={false} />;
  const now = value === undefined || value === null ? "" : String(value);
  return (
    <select
      id={id} className="input" disabled={readOnly} value={now} aria-invalid={faulty || undefined} aria-describedby={describedBy}
      onChange={(event) => onCommit(event.target.value === "" ? undefined : /^\d+$/.test(event.target.value) ? Number(event.target.value) : event.target.value)}
    >
      <option value="">{t("form.choose")}</option>
      {items.some((item) => item.id === now) || now === "" ? null : <option value={now}>{t("form.unknownDataset", { id: now })}</option>}
      {items.map((item) => <option key={item.id} value={item.id}>{item.title === item.id || item.title === "" ? item.id : `${item.title} (${item.id})`}</option>)}
    </select>
  );
}
