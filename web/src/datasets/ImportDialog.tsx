// Bringing in a file: it is sent and looked into, its types are shown and may be changed, then it becomes a dataset.
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { createDataset, dropUpload, type Upload, upload } from "@/api/datasets";
import { Problem } from "@/api/problem";
import { keys, queries } from "@/api/queries";
import { go, to } from "@/app/router";
import { told } from "@/i18n/faults";
import { formatBytes, formatNumber } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Failure } from "@/ui/Failure";

/** What an import can be asked for, as `suanzi.tables` names it. */
const TYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "string", "date32", "timestamp[s]", "timestamp[ms]", "timestamp[us]", "timestamp[ns]", "timestamp[us, tz=UTC]"];

export function ImportDialog({ file, onClose }: { file: File; onClose: () => void }) {
  const { t } = useTranslation("datasets");
  const language = useLanguage();
  const [share, setShare] = useState(0);
  const [sent, setSent] = useState<Upload | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [title, setTitle] = useState(file.name.replace(/\.[^.]+$/, ""));
  const [types, setTypes] = useState<Record<string, string>>({});
  const [refusal, setRefusal] = useState<{ text: string; hint?: string } | null>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    const stop = new AbortController();
    upload(file, setShare, stop.signal).then(setSent, (error: unknown) => {
      if (!stop.signal.aborted) setFailure(error);
    });
    return () => stop.abort();
  }, [file]);

  const close = () => {
    // What isn't imported isn't kept; if this fails, the server drops it by itself later.
    if (sent) dropUpload(sent.upload_id).catch(() => undefined);
    onClose();
  };
  const make = async () => {
    if (!sent) return;
    setBusy(true);
    setRefusal(null);
    const changed = sent.columns.flatMap(({ name, type }) => (types[name] && types[name] !== type ? [{ name, type: types[name] }] : []));
    try {
      const made = await createDataset({ title: title.trim(), upload_id: sent.upload_id, ...(changed.length > 0 ? { columns: changed } : {}) });
      await queries.invalidateQueries({ queryKey: keys.datasets });
      onClose();
      go(to("/datasets/:datasetId", { datasetId: made.id }));
    } catch (problem) {
      setRefusal({ text: problem instanceof Problem ? told(problem) : problem instanceof Error ? problem.message : String(problem), hint: problem instanceof Problem ? problem.hint : undefined });
      setBusy(false);
    }
  };
  const unnamed = title.trim() === "";
  return (
    <Dialog
      wide title={t("import.title", { name: file.name })} onClose={close}
      foot={<><Button onClick={close}>{t("app:cancel")}</Button><Button primary disabled={!sent || busy || unnamed} onClick={() => void make()} data-testid="datasets-import">{t(busy ? "import.making" : "import.do")}</Button></>}
    >
      {failure ? <Failure error={failure} /> : !sent ? (
        <div className="column">
          <progress className="datasets-progress" max={1} value={share} aria-label={t("import.sending")} />
          <p className="muted num">{share < 1 ? t("import.sent", { done: formatBytes(language, share * file.size), whole: formatBytes(language, file.size) }) : t("import.looking")}</p>
        </div>
      ) : (
        <>
          <label className="column">
            <span>{t("import.name")}</span>
            <input className="input" value={title} onChange={(event) => setTitle(event.target.value)} aria-invalid={unnamed} data-testid="datasets-title" />
            {unnamed ? <span className="bad">{t("import.unnamed")}</span> : null}
          </label>
          {refusal ? <div className="bad" role="alert"><p>{refusal.text}</p>{refusal.hint ? <p>{refusal.hint}</p> : null}</div> : null}
          {sent.warnings.map((warning, at) => <p key={at} className="datasets-warning">{warning}</p>)}
          <p className="muted">{t(sent.whole ? "import.foundAll" : "import.found", { rows: formatNumber(language, sent.rows_sampled) })}</p>
          <div className="datasets-types">
            <table className="table">
              <thead><tr><th>{t("column")}</th><th>{t("type")}</th><th>{t("import.examples")}</th></tr></thead>
              <tbody>
                {sent.columns.map((column) => (
                  <tr key={column.name}>
                    <td>{column.name}{column.nullable ? <span className="muted"> · {t("import.nullable")}</span> : null}</td>
                    <td>
                      <select className="input" aria-label={t("import.typeOf", { name: column.name })} value={types[column.name] ?? column.type} onChange={(event) => setTypes({ ...types, [column.name]: event.target.value })}>
                        {[...new Set([column.type, ...TYPES])].map((type) => <option key={type} value={type}>{type}</option>)}
                      </select>
                    </td>
                    <td className="muted clip datasets-examples">{column.examples.join(", ")}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Dialog>
  );
}
