// Registered models: the newest version of each; of a chosen one every version, its figures, where it came from, its file.
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { listModels, modelAddress, type ModelVersion, modelVersions } from "@/api/models";
import { keys } from "@/api/queries";
import type { PageProps } from "@/app/pages";
import { to } from "@/app/router";
import { finite } from "@/charts/evaluation";
import { formatAgo, formatBytes, formatNumber, formatTime } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { Json } from "@/results/Json";
import "@/results/results.css";
import { DeployButton } from "@/services/DeployButton";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import "./models.css";

/** More figures than this make a row unreadable; all stand in what was written down. */
const MOST_FIGURES = 4;

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
  return (
    <div className="card models-table">
      <table className="table">
        <thead>
          <tr>
            {every ? null : <th scope="col">{t("name")}</th>}<th scope="col">{t("version")}</th><th scope="col">{t("figures")}</th><th scope="col">{t("from")}</th>
            <th scope="col">{t("registered")}</th><th scope="col" className="num">{t("size")}</th><th scope="col" aria-label={t("actions")} />
          </tr>
        </thead>
        <tbody>
          {items.map((model) => {
            const figures = Object.entries(model.metrics).flatMap(([metric, value]) => (finite(value) === null ? [] : [[metric, finite(value) ?? 0] as const]));
            return (
              <tr key={`${model.name}/${model.version}`} data-testid={`model-${model.name}-${model.version}`}>
                {every ? null : <td><a href={`#${to("/models/:name", { name: model.name })}`}>{model.name}</a></td>}
                <td><span className="tag num">{t("dags:version", { version: model.version })}</span></td>
                <td>{figures.slice(0, MOST_FIGURES).map(([metric, value]) => <span key={metric} className="tag num models-figure">{t(`results:metric.${metric}`, { defaultValue: metric })} {formatNumber(language, value)}</span>)}</td>
                <td><a href={`#${to("/runs/:runId", { runId: model.run_id }, model.operator === "" ? {} : { operator: model.operator })}`}>{model.operator || model.run_id}</a></td>
                <td className="muted" title={formatTime(language, model.created_at_ms)}>{formatAgo(language, model.created_at_ms)}</td>
                <td className="num">{formatBytes(language, model.bytes)}</td>
                <td className="num">{model.present ? <><DeployButton model={model.name} version={model.version} /><a className="button button-plain button-icon" href={modelAddress(model.name, model.version)} download aria-label={t("download", { name: model.name, version: model.version })} title={t("download", { name: model.name, version: model.version })}><Download size={16} aria-hidden /></a></> : <span className="muted">{t("gone")}</span>}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
