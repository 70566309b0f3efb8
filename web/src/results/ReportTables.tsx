// A report as it is meant to be read: titled tables.
import type { Report } from "@/charts/report";
import { formatNumber } from "@/i18n/format";
import { chosen, useLanguage } from "@/i18n/language";

export function ReportTables({ report }: { report: Report }) {
  const language = useLanguage();
  return (
    <div className="report">
      {report.sections.map((section, at) => (
        <section key={at}>
          <h3>{chosen(language, section.title.en, section.title.zh)}</h3>
          <div className="report-table" tabIndex={0} role="region" aria-label={chosen(language, section.title.en, section.title.zh)}>
            <table className="table">
              <thead>
                <tr>{section.columns.map((name, column) => <th key={column} scope="col" className={isNumeric(section.rows, column) ? "num" : ""}>{name}</th>)}</tr>
              </thead>
              <tbody>
                {section.rows.map((row, line) => (
                  <tr key={line}>
                    {row.map((cell, column) => (
                      <td key={column} className={typeof cell === "number" ? "num" : ""}>{typeof cell === "number" ? formatNumber(language, cell) : cell}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      ))}
    </div>
  );
}

function isNumeric(rows: unknown[][], column: number): boolean {
  return rows.some((row) => typeof row[column] === "number");
}
