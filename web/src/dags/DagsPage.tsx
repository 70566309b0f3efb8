// The list of DAGs: begin one, bring one in from a file, open one. An empty installation greets with templates.
import { useQuery } from "@tanstack/react-query";
import { FileUp, Plus, Search, Trash2 } from "lucide-react";
import { type ChangeEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { createDag, hideDag, listDags } from "@/api/dags";
import { Problem } from "@/api/problem";
import { keys, queries } from "@/api/queries";
import type { DagListItem } from "@/api/types";
import { go, to } from "@/app/router";
import { complain, say } from "@/app/toasts";
import { Templates } from "@/templates/Templates";
import { formatAgo, formatNumber, formatTime } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import { Status } from "@/ui/Status";
import "./dags.css";

/** Larger texts than this the server refuses too. */
const MOST_BYTES = 64 * 1024 * 1024;

export default function DagsPage() {
  const { t } = useTranslation("dags");
  const [q, setQ] = useState("");
  const [gone, setGone] = useState<DagListItem | null>(null);
  const [busy, setBusy] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const { data, error, refetch } = useQuery({ queryKey: [...keys.dags, { q }], queryFn: () => listDags(q), placeholderData: (before) => before });

  const begin = async () => {
    setBusy(true);
    try {
      const made = await createDag("", t("untitled"), true);
      await queries.invalidateQueries({ queryKey: keys.dags });
      go(to("/dags/:dagId", { dagId: made.dag_id }));
    } catch (problem) {
      complain(problem);
    } finally {
      setBusy(false);
    }
  };

  const bring = async (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = event.target.files?.[0];
    event.target.value = "";
    if (!chosen) return;
    if (chosen.size > MOST_BYTES) {
      say(t("tooLarge", { name: chosen.name }), "bad");
      return;
    }
    const title = chosen.name.replace(/\.(ya?ml|json)$/i, "");
    setBusy(true);
    try {
      let made;
      try {
        made = await createDag(chosen, title);
      } catch (problem) {
        // A file with faults is taken too: what is wrong is said where it is.
        if (!(problem instanceof Problem) || problem.code !== "invalid_dag") throw problem;
        made = await createDag(chosen, title, true);
        say(t("importedDraft"), "plain", problem.faults[0]?.message);
      }
      await queries.invalidateQueries({ queryKey: keys.dags });
      go(to("/dags/:dagId", { dagId: made.dag_id }));
    } catch (problem) {
      complain(problem);
    } finally {
      setBusy(false);
    }
  };

  const remove = async (dag: DagListItem) => {
    setGone(null);
    try {
      await hideDag(dag.dag_id);
      await queries.invalidateQueries({ queryKey: keys.dags });
    } catch (problem) {
      complain(problem);
    }
  };

  if (error) return <Failure error={error} again={() => void refetch()} />;
  const empty = data?.items.length === 0 && q === "";
  return (
    <div className="page">
      <div className="page-inner">
        <div className="page-head">
          <h1 className="grow">{t("title")}</h1>
          {empty ? null : (
            <label className="dags-search">
              <Search size={15} aria-hidden />
              <input className="input" type="search" value={q} onChange={(event) => setQ(event.target.value)} placeholder={t("search")} aria-label={t("search")} data-testid="dags-search" />
            </label>
          )}
          <input ref={file} type="file" accept=".yaml,.yml,.json,application/yaml" hidden onChange={(event) => void bring(event)} data-testid="dags-file" />
          <Button icon={FileUp} onClick={() => file.current?.click()} disabled={busy} data-testid="dags-import">{t("import")}</Button>
          <Button primary icon={Plus} onClick={() => void begin()} disabled={busy} data-testid="dags-new">{t("new")}</Button>
        </div>
        {!data ? <div className="empty"><Spinner /></div> : null}
        {empty ? <div className="dags-welcome"><h2>{t("welcome")}</h2><p className="muted">{t("welcomeHint")}</p></div> : null}
        {data && data.items.length > 0 ? <List items={data.items} onRemove={setGone} /> : null}
        {data && data.items.length === 0 && q !== "" ? <div className="empty"><p>{t("none", { q })}</p></div> : null}
        {data ? <Templates first={empty} /> : null}
      </div>
      {gone ? (
        <Dialog
          title={t("remove.title")} description={t("remove.explain", { title: gone.title })} onClose={() => setGone(null)}
          foot={<><Button onClick={() => setGone(null)}>{t("remove.keep")}</Button><Button danger onClick={() => void remove(gone)} data-testid="dags-remove-done">{t("remove.do")}</Button></>}
        >
          {null}
        </Dialog>
      ) : null}
    </div>
  );
}

function List({ items, onRemove }: { items: readonly DagListItem[]; onRemove: (dag: DagListItem) => void }) {
  const { t } = useTranslation("dags");
  const language = useLanguage();
  return (
    <div className="card dags-card">
      <table className="table">
        <thead>
          <tr><th>{t("column.title")}</th><th>{t("column.version")}</th><th className="num">{t("column.operators")}</th><th>{t("column.lastRun")}</th><th>{t("column.changed")}</th><th aria-label={t("column.actions")} /></tr>
        </thead>
        <tbody>
          {items.map((dag) => (
            <tr key={dag.dag_id} data-testid={`dag-${dag.dag_id}`}>
              <td><a className="dags-title" href={`#${to("/dags/:dagId", { dagId: dag.dag_id })}`}>{dag.title}</a></td>
              <td><span className="row">{dag.version > 0 ? <span className="tag num">{t("version", { version: dag.version })}</span> : null}{dag.has_draft ? <span className="tag tag-warn">{t("draft")}</span> : null}</span></td>
              <td className="num">{formatNumber(language, dag.operators)}</td>
              <td>{dag.last_run ? <span className="row"><Status status={dag.last_run.status} /><span className="muted">{formatAgo(language, dag.last_run.created_at_ms)}</span></span> : <span className="muted">{t("never")}</span>}</td>
              <td className="muted" title={formatTime(language, dag.updated_at_ms)}>{formatAgo(language, dag.updated_at_ms)}</td>
              <td className="dags-actions"><IconButton plain icon={Trash2} label={t("remove.label", { title: dag.title })} onClick={() => onRemove(dag)} data-testid={`dags-remove-${dag.dag_id}`} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
