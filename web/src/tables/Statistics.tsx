// Statistics of a table's columns: a row for each with a small histogram, and one of them closely.
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ColumnStats, TableStats } from "@/api/outputs";
import { Chart } from "@/charts/Chart";
import { columns as bars, histogram, importance } from "@/charts/options/bars";
import { useLook } from "@/charts/useLook";
import { formatNumber } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { written } from "./cells";
import { Spark } from "./Spark";
import "./tables.css";

/** More columns than this are shown by a search. */
const MAX_LISTED = 300;

export function Statistics({ stats }: { stats: TableStats }) {
  const { t } = useTranslation("results");
  const language = useLanguage();
  const [chosen, setChosen] = useState<string | null>(null);
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const found = stats.columns.filter((column) => column.name.toLowerCase().includes(wanted));
  const column = found.find((entry) => entry.name === chosen) ?? found[0];
  const number = (value: unknown) => (typeof value === "number" ? formatNumber(language, value) : (written(value) ?? ""));
  const share = (part: number) => (stats.rows > 0 ? part / stats.rows : 0);
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });

  return (
    <div className="stats">
      <div className="stats-list" tabIndex={0} role="region" aria-label={t("statistics.label")}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">
                {stats.columns.length > 12 ? (
                  <input className="input" aria-label={t("statistics.search")} placeholder={t("statistics.search")} value={search} onChange={(event) => setSearch(event.target.value)} />
                ) : (
                  t("statistics.column")
                )}
              </th>
              <th scope="col">{t("statistics.spread")}</th>
              <th scope="col" className="num">{t("statistics.missing")}</th>
              <th scope="col" className="num">{t("statistics.distinct")}</th>
              <th scope="col" className="num">{t("statistics.min")}</th>
              <th scope="col" className="num">{t("statistics.mean")}</th>
              <th scope="col" className="num">{t("statistics.max")}</th>
              <th scope="col" className="num">{t("statistics.std")}</th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, MAX_LISTED).map((entry, at) => {
              const missing = entry.nulls + (entry.nans ?? 0);
              return (
                <tr key={at} aria-selected={entry === column}>
                  <td>
                    <button type="button" className="stats-name" aria-pressed={entry === column} onClick={() => setChosen(entry.name)}>
                      <span className="clip">{entry.name}</span>
                      <span className="table-type clip">{entry.type}</span>
                    </button>
                  </td>
                  <td><Small column={entry} /></td>
                  <td className="num">
                    {missing === 0 ? <span className="muted">0</span> : percent.format(share(missing))}
                    {missing > 0 ? <span className="share"><i style={{ width: `${Math.max(4, share(missing) * 100)}%` }} /></span> : null}
                  </td>
                  <td className="num">{entry.distinct ? `${entry.distinct.exact ? "" : "≈ "}${formatNumber(language, entry.distinct.count)}` : ""}</td>
                  <td className="num"><span className="clip">{number(entry.min).slice(0, 24)}</span></td>
                  <td className="num">{number(entry.mean)}</td>
                  <td className="num"><span className="clip">{number(entry.max).slice(0, 24)}</span></td>
                  <td className="num">{number(entry.std)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
        {found.length > MAX_LISTED ? <p className="table-note">{t("statistics.more", { count: found.length - MAX_LISTED })}</p> : null}
      </div>
      {column ? <Closely column={column} /> : null}
    </div>
  );
}

function Small({ column }: { column: ColumnStats }) {
  const { t } = useTranslation("results");
  const label = t("statistics.spreadOf", { name: column.name });
  if (column.histogram && column.histogram.counts.length > 0) return <Spark counts={column.histogram.counts} label={label} />;
  if (column.top && column.top.length > 0) return <Spark counts={column.top.map((entry) => entry.count)} label={label} names />;
  return null;
}

function Closely({ column }: { column: ColumnStats }) {
  const { t } = useTranslation("results");
  const language = useLanguage();
  const look = useLook();
  const spread = useMemo(() => {
    const edges = column.histogram?.edges.map((edge) => (typeof edge === "number" ? edge : (written(edge) ?? "")));
    return edges ? histogram(edges, column.histogram?.counts ?? [], look, column.name) : null;
  }, [column, look]);
  const top = useMemo(() => {
    if (!column.top || column.top.length === 0 || (spread && column.kind !== "number")) return null;
    const labels = column.top.map((entry) => written(entry.value) ?? "");
    const counts = column.top.map((entry) => entry.count);
    return labels.length > 8 ? importance([{ name: t("charts:rows"), labels, values: counts }], look, t("charts:rows")) : bars(labels, counts, look, t("charts:rows"));
  }, [column, look, spread, t]);
  const quantiles = column.quantiles ?? [];
  return (
    <section className="stats-detail" aria-label={column.name}>
      <h3 className="clip">{column.name}</h3>
      {spread ? <Chart drawing={spread} label={t("statistics.spreadOf", { name: column.name })} file={column.name} height={220} /> : null}
      {top ? (
        <>
          {spread ? <h3>{t("statistics.frequent")}</h3> : null}
          <Chart drawing={top} label={t("statistics.frequentOf", { name: column.name })} file={`${column.name}-top`} height={220} />
          {column.top_is_partial ? <p className="muted">{t("statistics.partial")}</p> : null}
        </>
      ) : null}
      {quantiles.length > 0 ? (
        <dl className="stats-quantiles">
          {quantiles.map(({ percent, value }) => (
            <div key={percent}>
              <dt>{t("statistics.quantile", { percent })}</dt>
              <dd className="num">{typeof value === "number" ? formatNumber(language, value) : written(value)}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      {column.sampled ? <p className="muted">{t("statistics.sampled")}</p> : null}
      {column.infinities ? <p className="bad">{t("statistics.infinities", { count: column.infinities })}</p> : null}
      {!spread && !top ? <p className="muted">{t("statistics.nothing")}</p> : null}
    </section>
  );
}
