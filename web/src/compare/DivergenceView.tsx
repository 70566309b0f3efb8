// The first output, in the order of the graph, that differs between two runs: where a difference began.
import { useTranslation } from "react-i18next";
import type { Catalogue } from "@/api/operators";
import type { Divergence, SchemaDiff, TableDiff } from "@/api/reports";
import type { DagModel } from "@/api/types";
import { to } from "@/app/router";
import { formatNumber } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { portName } from "@/results/names";
import { shortly } from "./values";

interface Props {
  divergence: Divergence;
  name: (operator: string) => string;
  before: string;
  after: string;
  catalogue: Catalogue;
  dag: DagModel | null;
}

export function DivergenceView({ divergence, name, before, after, catalogue, dag }: Props) {
  const { t } = useTranslation("compare");
  const { operator, port, readers, table, note } = divergence;
  const kind = catalogue.get(dag?.operators.find((one) => one.id === operator)?.algo_name ?? "");
  return (
    <section className="card compare-card" data-testid="divergence">
      <h2>{t("divergence")}</h2>
      <p>
        {t("divergesAt", { name: name(operator), port: portName(kind, port) })}
        {readers.length > 0 ? ` ${t("readBy", { names: readers.map(name).join(" · ") })}` : ""}
      </p>
      <p className="row">
        <a href={`#${to("/runs/:runId", { runId: before }, { operator })}`}>{t("seeBefore")}</a>
        <a href={`#${to("/runs/:runId", { runId: after }, { operator })}`}>{t("seeAfter")}</a>
      </p>
      {note ? <p className="muted">{note}</p> : null}
      {table ? <Tables table={table} /> : null}
    </section>
  );
}

function Tables({ table }: { table: TableDiff }) {
  const { t } = useTranslation("compare");
  const language = useLanguage();
  const columns = [...new Set(table.first.flatMap((row) => row.cells.map((cell) => cell.column)))];
  return (
    <>
      <p>
        {t("rowsDiffer", { differing: formatNumber(language, table.differing_rows), before: formatNumber(language, table.rows_a), after: formatNumber(language, table.rows_b) })}
      </p>
      {table.schema.length > 0 ? <ul className="compare-schema">{table.schema.map((change) => <li key={`${change.change}/${change.column}`}><Schema change={change} /></li>)}</ul> : null}
      {table.columns.length > 0 ? (
        <p className="row compare-columns">
          {table.columns.map(({ column, differing_rows }) => <span key={column} className="tag num">{t("columnDiffers", { column, rows: formatNumber(language, differing_rows) })}</span>)}
        </p>
      ) : null}
      {table.first.length > 0 ? (
        <div className="compare-rows" tabIndex={0} role="region" aria-label={t("firstRows")}>
          <table className="table">
            <thead><tr><th scope="col" className="num">{t("row")}</th>{columns.map((column) => <th key={column} scope="col" className="mono">{column}</th>)}</tr></thead>
            <tbody>
              {table.first.map(({ row, cells }) => (
                <tr key={row}>
                  <td className="num muted">{formatNumber(language, row + 1)}</td>
                  {columns.map((column) => {
                    const cell = cells.find((one) => one.column === column);
                    return <td key={column}>{cell ? <><span className="compare-value compare-old">{shortly(cell.a)}</span> <span aria-hidden>→</span> <span className="compare-value compare-new">{shortly(cell.b)}</span></> : null}</td>;
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </>
  );
}

function Schema({ change }: { change: SchemaDiff }) {
  const { t } = useTranslation("compare");
  if (change.change === "type_changed") return t("schema.type_changed", { column: change.column, from: change.from, to: change.to });
  if (change.change === "moved") return t("schema.moved", { column: change.column, from: change.from + 1, to: change.to + 1 });
  return change.change === "added" ? t("schema.added", { column: change.column, type: change.type }) : t("schema.removed", { column: change.column, type: change.type });
}
