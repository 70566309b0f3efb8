// Registered models: the newest version of each; of a chosen one every version, its figures, where it came from, its file.
import { useQuery } from "@tanstack/react-query";
import { Download, FileText, GitCompare } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cardAddress, listModels, modelAddress, type ModelVersion, modelVersions } from "@/api/models";
import { keys } from "@/api/queries";
import type { PageProps } from "@/app/pages";
import { go, to } from "@/app/router";
import { finite } from "@/charts/evaluation";
import { formatAgo, formatBytes, formatNumber, formatTime } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { Json } from "@/results/Json";
import "@/results/results.css";
import { DeployButton } from "@/services/DeployButton";
import { Button } from "@/ui/Button";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import { Aliases } from "./Aliases";
import "./models.css";

/** More figures than this make a row unreadable; all stand in what was written down. */
const MOST_FIGURES = 4;
/** As many as the server compares at one time. */
const MOST_COMPARED = 10;

export default function ModelsPage({ params }: PageProps) {
  const { t } = useTranslation("models");
  const name = params.name;
  const { data, error, refetch } = useQuery({
    queryKey: name === undefined ? keys.models : [...keys.models, name],
    queryFn: () => (name === undefined ? listModels() : modelVersions(name)),
    // A run may have registered one since.
    staleTime: 0,
  });
  if (error) return <Failure error={error} again={() => void refetch()} />;
  return (
    <div className="page">
      <div className="page-inner">
        <div className="page-head row">
          {name === undefined ? <h1>{t("title")}</h1> : <><a href="#/models">{t("title")}</a><h1 className="clip">{name}</h1></>}
        </div>
        {!data ? <div className="empty"><Spinner /></div> : data.items.length === 0 ? (
          <div className="card empty"><h2>{t("none")}</h2><p>{t("noneHint")}</p></div>
        ) : <Versions items={data.items} every={name !== undefined} />}
        {name !== undefined && data?.items[0] ? (
          <section className="card models-card">
            <h2>{t("written", { version: data.items[0].version })}</h2>
            <Json value={data.items[0].manifest} />
          </section>
        ) : null}
      </div>
    </div>
  );
}

function Versions({ items, every }: { items: readonly ModelVersion[]; every: boolean }) {
  const { t } = useTranslation(["models", "results"]);
  const language = useLanguage();
  const [chosen, choose] = useState<readonly number[]>([]);
  const several = every && items.length > 1;
  const compare = () => go(to("/models/:name/compare", { name: items[0]?.name ?? "" }, { versions: [...chosen].sort((a, b) => a - b).join(",") }));
  const toggle = (version: number) => choose((old) => (old.includes(version) ? old.filter((other) => other !== version) : [...old, version].slice(-MOST_COMPARED)));
  return (
    <>
    {several ? (
      <div className="row models-bar">
        <Button icon={GitCompare} disabled={chosen.length < 2} onClick={compare} data-testid="models-compare">{t("compare", { count: chosen.length })}</Button>
        {chosen.length < 2 ? <span className="muted">{t("chooseTwo")}</span> : null}
      </div>
    ) : null}
    <div className="card models-table">
      <table className="table">
        <thead>
          <tr>
            {several ? <th scope="col" aria-label={t("choose")} /> : null}
            {every ? null : <th scope="col">{t("name")}</th>}<th scope="col">{t("version")}</th><th scope="col">{t("aliases")}</th><th scope="col">{t("figures")}</th><th scope="col">{t("from")}</th>
            <th scope="col">{t("registered")}</th><th scope="col" className="num">{t("size")}</th><th scope="col" aria-label={t("actions")} />
          </tr>
        </thead>
        <tbody>
          {items.map((model) => {
            const figures = Object.entries(model.metrics).flatMap(([metric, value]) => (finite(value) === null ? [] : [[metric, finite(value) ?? 0] as const]));
            return (
              <tr key={`${model.name}/${model.version}`} data-testid={`model-${model.name}-${model.version}`}>
                {several ? <td><input type="checkbox" checked={chosen.includes(model.version)} onChange={() => toggle(model.version)} aria-label={t("chooseOne", { version: model.version })} data-testid={`choose-${model.version}`} /></td> : null}
                {every ? null : <td><a href={`#${to("/models/:name", { name: model.name })}`}>{model.name}</a></td>}
                <td><span className="tag num">{t("dags:version", { version: model.version })}</span></td>
                <td><Aliases model={model} /></td>
                <td>{figures.slice(0, MOST_FIGURES).map(([metric, value]) => <span key={metric} className="tag num models-figure">{t(`results:metric.${metric}`, { defaultValue: metric })} {formatNumber(language, value)}</span>)}</td>
                <td><a href={`#${to("/runs/:runId", { runId: model.run_id }, model.operator === "" ? {} : { operator: model.operator })}`}>{model.operator || model.run_id}</a></td>
                <td className="muted" title={formatTime(language, model.created_at_ms)}>{formatAgo(language, model.created_at_ms)}</td>
                <td className="num">{formatBytes(language, model.bytes)}</td>
                <td className="num models-actions"><a className="button button-plain button-icon" href={cardAddress(model.name, model.version, language)} target="_blank" rel="noreferrer" aria-label={t("card", { name: model.name, version: model.version })} title={t("card", { name: model.name, version: model.version })} data-testid={`card-${model.name}-${model.version}`}><FileText size={16} aria-hidden /></a>{model.present ? <><DeployButton model={model.name} version={model.version} /><a className="button button-plain button-icon" href={modelAddress(model.name, model.version)} download aria-label={t("download", { name: model.name, version: model.version })} title={t("download", { name: model.name, version: model.version })}><Download size={16} aria-hidden /></a></> : <span className="muted">{t("gone")}</span>}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
    </>
  );
}
