// One output of an operator: a table by its rows, figures and reports as tables, anything else by what was written down beside it.
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { downloadAddress, getOutput, getRows, getValue } from "@/api/outputs";
import { keys } from "@/api/queries";
import type { OutputView } from "@/api/types";
import { readReport } from "@/charts/report";
import { formatBytes, formatNumber } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { PagedTable } from "@/tables/PagedTable";
import { IconButton } from "@/ui/Button";
import { Failure } from "@/ui/Failure";
import { Menu, MenuItem } from "@/ui/Menu";
import { Spinner } from "@/ui/Spinner";
import { Json } from "./Json";
import { ReportTables } from "./ReportTables";

interface Props {
  runId: string;
  operator: string;
  port: number;
  title: string;
  /** Whether it is there yet: before, the pane says what it waits for. */
  output: OutputView | undefined;
}

const VALUES = new Set(["metrics", "report"]);
const FORMATS = { data: ["csv", "parquet", "jsonl", "arrow"], value: ["json"], file: ["file"] };

export function OutputPane({ runId, operator, port, title, output }: Props) {
  const { t } = useTranslation("results");
  const language = useLanguage();
  const isTable = output?.type === "data";
  const isValue = output !== undefined && VALUES.has(output.type);
  const formats = isTable ? FORMATS.data : isValue ? FORMATS.value : FORMATS.file;
  return (
    <section className="pane" aria-label={title}>
      <header className="pane-head">
        <strong className="clip">{title}</strong>
        {output ? (
          <span className="muted clip">
            {t(`type.${output.type}`, { defaultValue: output.type })}
            {output.rows !== undefined ? ` · ${t("rowCount", { count: output.rows, rows: formatNumber(language, output.rows) })}` : ""}
            {` · ${formatBytes(language, output.bytes)}`}
          </span>
        ) : null}
        <span className="grow" />
        {output?.present && formats.length > 0 ? (
          <Menu align="end" trigger={<IconButton plain icon={Download} label={t("download")} data-testid="download" />}>
            {formats.map((format) => (
              <MenuItem key={format} testId={`download-${format}`} onSelect={() => follow(downloadAddress(runId, operator, port, format))}>
                {t(`format.${format}`)}
              </MenuItem>
            ))}
          </Menu>
        ) : null}
      </header>
      <div className="pane-body">
        {output === undefined ? (
          <div className="empty">{t("notYet")}</div>
        ) : isTable ? (
          <PagedTable
            id={[...keys.output(runId, operator, port), output.content_id ?? "", output.present]}
            label={title}
            read={(offset, limit, signal) => getRows(runId, operator, port, offset, limit, signal)}
          />
        ) : isValue ? (
          <Value runId={runId} operator={operator} port={port} />
        ) : (
          <Written runId={runId} operator={operator} port={port} />
        )}
      </div>
    </section>
  );
}

/** The browser saves what comes, however large; the address is this server's own. */
function follow(address: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = "";
  link.click();
}

function Value({ runId, operator, port }: { runId: string; operator: string; port: number }) {
  const { data, error, refetch } = useQuery({
    queryKey: [...keys.output(runId, operator, port), "value"],
    queryFn: ({ signal }) => getValue(runId, operator, port, signal),
    staleTime: Infinity,
  });
  if (error) return <Failure error={error} again={() => void refetch()} />;
  if (data === undefined) return <div className="empty"><Spinner /></div>;
  const report = readReport(data);
  return report ? <ReportTables report={report} /> : <Json value={data} />;
}

function Written({ runId, operator, port }: { runId: string; operator: string; port: number }) {
  const { t } = useTranslation("results");
  const { data, error, refetch } = useQuery({
    queryKey: keys.output(runId, operator, port),
    queryFn: ({ signal }) => getOutput(runId, operator, port, signal),
    staleTime: Infinity,
  });
  if (error) return <Failure error={error} again={() => void refetch()} />;
  if (!data) return <div className="empty"><Spinner /></div>;
  return data.manifest === undefined || data.manifest === null ? <div className="empty">{t("noPreview")}</div> : <Json value={data.manifest} />;
}
