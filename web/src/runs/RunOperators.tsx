// What became of each operator of a run, as a table.
import { useTranslation } from "react-i18next";
import type { LiveTask } from "@/api/live";
import type { Catalogue } from "@/api/operators";
import { formatBytes, formatDuration, formatNumber } from "@/i18n/format";
import { chosen, useLanguage } from "@/i18n/language";
import { Status } from "@/ui/Status";

interface Props {
  tasks: LiveTask[];
  catalogue: Catalogue;
  name: (operator: string) => string;
  selected: string | null;
  onSelect: (operator: string) => void;
}

export function RunOperators({ tasks, catalogue, name, selected, onSelect }: Props) {
  const { t } = useTranslation("runs");
  const language = useLanguage();
  return (
    <section className="card run-table">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t("operator")}</th><th scope="col">{t("status")}</th><th scope="col" className="num">{t("attempts")}</th>
            <th scope="col" className="num">{t("took")}</th><th scope="col" className="num">{t("memory")}</th><th scope="col" className="num">{t("rows")}</th>
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => {
            const kind = catalogue.get(task.algo_name);
            const rows = task.outputs.flatMap((output) => (output.rows === undefined ? [] : [formatNumber(language, output.rows)]));
            const ofKind = chosen(language, kind?.name_en, kind?.name_zh) || task.algo_name;
            const title = name(task.operator);
            return (
              <tr key={task.operator} aria-selected={task.operator === selected} data-testid={`task-${task.operator}`}>
                <td>
                  <button type="button" className="link" aria-pressed={task.operator === selected} onClick={() => onSelect(task.operator)}>{title}</button>
                  <span className="muted run-id">{title === ofKind ? "" : `${ofKind} · `}{title === task.operator ? "" : <span className="mono">{task.operator}</span>}</span>
                </td>
                <td><Status status={task.status} /></td>
                <td className="num">{task.attempt > 0 ? task.attempt : ""}</td>
                <td className="num">{task.duration_us === undefined ? "" : formatDuration(language, task.duration_us)}</td>
                <td className="num">{task.peak_rss_bytes ? formatBytes(language, task.peak_rss_bytes) : ""}</td>
                <td className="num">{rows.join(" · ")}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
