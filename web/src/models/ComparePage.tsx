// Versions of a model side by side: figures with how far they moved, parameters, data and lineage; what differs stands out.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { compareModels } from "@/api/models";
import { keys } from "@/api/queries";
import type { ComparedMetric, ComparedWord, ModelComparison } from "@/api/types";
import type { PageProps } from "@/app/pages";
import { to } from "@/app/router";
import { shortly } from "@/compare/values";
import "@/compare/compare.css";
import { formatNumber, formatTime } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import { changed, NAMED, shown } from "./differences";
import "./models.css";

export default function ComparePage({ params, query }: PageProps) {
  const { t } = useTranslation("models");
  const name = params.name ?? "";
  const versions = query.get("versions") ?? "";
  const [all, setAll] = useState(false);
  const { data, error, refetch } = useQuery({ queryKey: [...keys.models, name, "compare", versions], queryFn: () => compareModels(name, versions), staleTime: 0 });
  if (error) return <Failure error={error} again={() => void refetch()} />;
  return (
    <div className="page">
      <div className="page-inner">
        <div className="page-head row">
          <a href="#/models">{t("title")}</a><a href={`#${to("/models/:name", { name })}`}>{name}</a><h1 className="grow">{t("comparison")}</h1>
          <label className="row"><input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} data-testid="compare-all" />{t("showSame")}</label>
        </div>
        {data ? <Tables compared={data} all={all} /> : <div className="empty"><Spinner /></div>}
      </div>
    </div>
  );
}

function Tables({ compared, all }: { compared: ModelComparison; all: boolean }) {
  const { t } = useTranslation("models");
  const metrics = shown(compared.metrics, all);
  const parameters = shown(compared.parameters, all);
  const origin = shown(compared.origin, all);
  if (metrics.length + parameters.length + origin.length === 0) return <div className="card empty" data-testid="compare-nothing"><h2>{t("nothingDiffers")}</h2></div>;
  return (
    <>
      <Section title={t("figures")} id="metrics" compared={compared} empty={metrics.length === 0}>{metrics.map((row) => <Metric key={row.metric} row={row} />)}</Section>
      <Section title={t("parameters")} id="parameters" compared={compared} empty={parameters.length === 0}>{parameters.map((row) => <Word key={row.what} row={row} />)}</Section>
      <Section title={t("origin")} id="origin" compared={compared} empty={origin.length === 0}>{origin.map((row) => <Word key={row.what} row={row} named />)}</Section>
    </>
  );
}

function Section({ title, id, compared, empty, children }: { title: string; id: string; compared: ModelComparison; empty: boolean; children: React.ReactNode }) {
  const { t } = useTranslation("models");
  const language = useLanguage();
  return (
    <section className="card compare-card models-compared" data-testid={`compare-${id}`}>
      <h2>{title}</h2>
      {empty ? <p className="muted">{t("same")}</p> : (
        <table className="table">
          <thead>
            <tr>
              <th scope="col" />
              {compared.versions.map((version) => (
                <th key={version.version} scope="col">
                  <a href={`#${to("/runs/:runId", { runId: version.run_id }, version.operator === "" ? {} : { operator: version.operator })}`} title={formatTime(language, version.created_at_ms)}>{t("dags:version", { version: version.version })}</a>
                  {version.aliases.map((alias) => <span key={alias} className="tag tag-good models-alias">{alias}</span>)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      )}
    </section>
  );
}

function Metric({ row }: { row: ComparedMetric }) {
  const { t } = useTranslation(["models", "results"]);
  const language = useLanguage();
  // Of what judged it in its run: the operator stands before the figure.
  const dot = row.metric.lastIndexOf(".");
  const figure = row.metric.slice(dot + 1);
  const signed = new Intl.NumberFormat(language, { maximumSignificantDigits: 3, signDisplay: "always" });
  return (
    <tr className={row.differs ? "models-differs" : undefined} data-testid={`compared-${row.metric}`}>
      <th scope="row">{dot < 0 ? "" : `${row.metric.slice(0, dot)} · `}{t(`results:metric.${figure}`, { defaultValue: figure })}</th>
      {row.values.map((value, at) => {
        const change = row.changes[at] ?? null;
        const judgement = row.judgements[at] ?? null;
        return (
          <td key={at} className="num">
            {value === null ? "–" : formatNumber(language, value)}
            {change === null || change === 0 ? null : <span className={`models-change ${judgement === "better" ? "good" : judgement === "worse" ? "bad" : "muted"}`}>{signed.format(change)}{judgement ? ` ${t(judgement)}` : ""}</span>}
          </td>
        );
      })}
    </tr>
  );
}

function Word({ row, named }: { row: ComparedWord; named?: boolean }) {
  const { t } = useTranslation("models");
  const other = changed(row);
  return (
    <tr className={row.differs ? "models-differs" : undefined} data-testid={`compared-${row.what}`}>
      <th scope="row">{named && NAMED.has(row.what) ? t(`word.${row.what.replace(".", "_")}`) : row.what}</th>
      {row.values.map((value, at) => (
        <td key={at}>{value === null || value === undefined ? "–" : <span className={`compare-value${other[at] ? " models-other" : ""}`}>{shortly(value)}</span>}</td>
      ))}
    </tr>
  );
}
