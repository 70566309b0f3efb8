// A table of any size: only rows and columns in view exist, and only pages in view are read.
import { useQueries, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Preview } from "@/api/outputs";
import { formatNumber } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import { isNumeric, widths, written } from "./cells";
import { columnsInView, edges, pagesOf, rowsInView, scrollHeight, scrollTo } from "./window";
import "./tables.css";

const ROW_PX = 26;
const HEAD_PX = 42;
const PAGE_ROWS = 200;
/** Of row numbers: grows with the table's length. */
const NUMBER_CHAR_PX = 8;

interface Props {
  /** What the table is, for the cache and for screen readers. */
  id: readonly unknown[];
  label: string;
  read: (offset: number, limit: number, signal: AbortSignal) => Promise<Preview>;
  /** What is read doesn't change any more. */
  settled?: boolean;
}

export function PagedTable({ id, label, read, settled = true }: Props) {
  const first = useQuery({
    queryKey: [...id, "rows", 0],
    queryFn: ({ signal }) => read(0, PAGE_ROWS, signal),
    staleTime: settled ? Infinity : 0,
  });
  if (first.error) return <Failure error={first.error} again={() => void first.refetch()} />;
  if (!first.data) return <div className="empty"><Spinner /></div>;
  return <Loaded id={id} label={label} read={read} settled={settled} first={first.data} />;
}

function Loaded({ id, label, read, settled, first }: Props & { first: Preview }) {
  const { t } = useTranslation("results");
  const language = useLanguage();
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, left: 0, width: 800, height: 300 });
  // Of a collected table only the kept rows can be read.
  const rows = first.evicted ? first.rows.length : first.total_rows;
  const { columns } = first;
  const left = useMemo(() => edges(widths(columns, first.rows)), [columns, first.rows]);
  const numbers = 16 + NUMBER_CHAR_PX * formatNumber(language, rows).length;

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () =>
      setView({ top: element.scrollTop, left: element.scrollLeft, width: element.clientWidth, height: Math.max(0, element.clientHeight - HEAD_PX) });
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      watch.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, []);

  const shown = rowsInView(rows, ROW_PX, view.top, view.height);
  const across = columnsInView(left, view.left, view.width);
  const pages = pagesOf(shown.first, shown.end, PAGE_ROWS);
  const loaded = useQueries({
    queries: pages.map((page) => ({
      queryKey: [...id, "rows", page * PAGE_ROWS],
      queryFn: ({ signal }: { signal: AbortSignal }) => read(page * PAGE_ROWS, PAGE_ROWS, signal),
      staleTime: settled ? Infinity : 0,
    })),
  });
  const byPage = new Map(pages.map((page, at) => [page, loaded[at]]));
  const broken = loaded.find((query) => query.error);

  const go = (row: number) => {
    if (box.current) box.current.scrollTop = scrollTo(row, rows, ROW_PX, view.height);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(view.height / ROW_PX) - 1);
    const at = Math.round(shown.first + (view.top - shown.top) / ROW_PX);
    const moves: Record<string, number> = { PageDown: at + page, PageUp: at - page, ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows };
    const to = moves[event.key];
    if (to === undefined || event.target !== box.current) return;
    event.preventDefault();
    go(to);
  };
  const visible = columns.slice(across.first, across.end);
  const place = (at: number) => ({ left: numbers + (left[at] ?? 0), width: (left[at + 1] ?? 0) - (left[at] ?? 0) });

  return (
    <div className="table-frame">
      {first.evicted ? <p className="table-note">{t("evicted", { kept: formatNumber(language, rows), rows: formatNumber(language, first.total_rows) })}</p> : null}
      {broken ? <Failure error={broken.error} again={() => void broken.refetch()} /> : null}
      <div
        ref={box}
        className="table-box"
        tabIndex={0}
        role="table"
        aria-label={label}
        aria-rowcount={first.total_rows + 1}
        aria-colcount={columns.length}
        onKeyDown={onKeyDown}
      >
        <div className="table-all" style={{ height: HEAD_PX + scrollHeight(rows, ROW_PX), width: numbers + (left.at(-1) ?? 0) }}>
          <div className="table-head" role="row" aria-rowindex={1} style={{ height: HEAD_PX }}>
            <div className="table-corner" role="columnheader" style={{ width: numbers }}>
              <span className="hidden-visually">{t("rowNumber")}</span>
            </div>
            {visible.map((column, at) => (
              <div
                key={across.first + at}
                className={isNumeric(column) ? "table-name num-cell" : "table-name"}
                role="columnheader"
                aria-colindex={across.first + at + 1}
                title={`${column.name}: ${column.type}`}
                style={place(across.first + at)}
              >
                <span className="clip">{column.name}</span>
                <span className="table-type clip">{column.type}</span>
              </div>
            ))}
          </div>
          <div className="table-rows" style={{ top: HEAD_PX + shown.top }}>
            {Array.from({ length: Math.max(0, shown.end - shown.first) }, (_, step) => {
              const row = shown.first + step;
              const page = Math.floor(row / PAGE_ROWS);
              const cells = byPage.get(page)?.data?.rows[row - page * PAGE_ROWS];
              return (
                <div key={row} className={row % 2 ? "table-row table-row-odd" : "table-row"} role="row" aria-rowindex={row + 2} style={{ height: ROW_PX, top: step * ROW_PX }}>
                  <div className="table-number num" role="rowheader" style={{ width: numbers }}>
                    {formatNumber(language, row + 1)}
                  </div>
                  {visible.map((column, at) => {
                    const text = cells ? written(cells[across.first + at]) : "";
                    return (
                      <div key={across.first + at} className={isNumeric(column) ? "table-cell num num-cell" : "table-cell"} role="cell" title={text && text.length > 30 ? text : undefined} style={place(across.first + at)}>
                        {text === null ? <span className="table-null">{t("null")}</span> : text}
                      </div>
                    );
                  })}
                </div>
              );
            })}
          </div>
        </div>
      </div>
      {rows > 1000 ? <GoTo rows={rows} go={go} /> : null}
    </div>
  );
}

function GoTo({ rows, go }: { rows: number; go: (row: number) => void }) {
  const { t } = useTranslation("results");
  const [text, setText] = useState("");
  return (
    <form
      className="table-goto row"
      onSubmit={(event) => {
        event.preventDefault();
        const row = Number.parseInt(text, 10);
        if (Number.isFinite(row)) go(Math.min(rows, Math.max(1, row)) - 1);
      }}
    >
      <input className="input" inputMode="numeric" aria-label={t("goToRow")} placeholder={t("goToRow")} value={text} onChange={(event) => setText(event.target.value.replace(/\D/g, ""))} />
    </form>
  );
}
