// One chart: loads the drawing library when first shown, follows size and theme, offers itself as picture and as table.
import { Download, Table2 } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { IconButton } from "@/ui/Button";
import { Menu, MenuItem } from "@/ui/Menu";

import { csv } from "./csv";
import type { Drawing } from "./drawing";
import type { Engine } from "./engine";
import { saveDataAddress, saveText } from "./save";
import "./chart.css";

interface Props {
  drawing: Drawing;
  /** What the chart shows, for screen readers. */
  label: string;
  /** Name of saved files, without ending. */
  file: string;
  /** In pixels; `fill` takes what there is, and 180 at least. */
  height?: number | "fill";
  /** Stands in the row of tools, before them. */
  lead?: ReactNode;
}

/** Below this a chart can't be read. */
const LEAST_PX = 180;

export function Chart({ drawing, label, file, height = 320, lead }: Props) {
  const { t } = useTranslation("charts");
  const place = useRef<HTMLDivElement>(null);
  const engine = useRef<Engine | null>(null);
  const latest = useRef(drawing);
  const [asTable, setAsTable] = useState(false);
  const [failed, setFailed] = useState(false);
  latest.current = drawing;

  useEffect(() => {
    const element = place.current;
    if (element === null || asTable) return;
    let gone = false;
    let watch: ResizeObserver | null = null;
    import("./engine").then(
      ({ mount }) => {
        if (gone) return;
        const mounted = mount(element);
        engine.current = mounted;
        mounted.set(latest.current.option);
        watch = new ResizeObserver(() => mounted.resize());
        watch.observe(element);
      },
      () => setFailed(true),
    );
    return () => {
      gone = true;
      watch?.disconnect();
      engine.current?.dispose();
      engine.current = null;
    };
  }, [asTable]);

  useEffect(() => engine.current?.set(drawing.option), [drawing]);

  const background = () => getComputedStyle(document.documentElement).getPropertyValue("--surface").trim();
  const savePng = () => {
    if (engine.current) saveDataAddress(engine.current.png(background()), `${file}.png`);
  };
  const saveSvg = () => {
    const size = place.current?.getBoundingClientRect();
    void import("./engine").then(({ svg }) =>
      saveText(svg(drawing.option, size?.width ?? 640, size?.height ?? LEAST_PX, background()), `${file}.svg`, "image/svg+xml"),
    );
  };
  const saveCsv = () => saveText(csv(drawing.table), `${file}.csv`, "text/csv;charset=utf-8");
  const least = Math.max(height === "fill" ? LEAST_PX : height, drawing.minHeight ?? 0);

  return (
    <figure className={height === "fill" ? "chart chart-fill" : "chart"} aria-label={label}>
      <figcaption className="chart-tools">
        <div className="grow">{lead}</div>
        <IconButton plain icon={Table2} label={t("table")} aria-pressed={asTable} onClick={() => setAsTable(!asTable)} />
        <Menu align="end" trigger={<IconButton plain icon={Download} label={t("save")} />}>
          {!asTable ? <MenuItem onSelect={savePng}>{t("png")}</MenuItem> : null}
          {!asTable ? <MenuItem onSelect={saveSvg}>{t("svg")}</MenuItem> : null}
          <MenuItem onSelect={saveCsv}>{t("csv")}</MenuItem>
        </Menu>
      </figcaption>
      {asTable ? (
        <TableOf drawing={drawing} label={label} />
      ) : failed ? (
        <p className="bad" role="alert">
          {t("notLoaded")}
        </p>
      ) : (
        <div ref={place} className="chart-canvas" role="img" aria-label={label} data-chart={file} style={height === "fill" ? { minHeight: least } : { height: least }} />
      )}
    </figure>
  );
}

/** More rows are in the CSV. */
const MAX_TABLE_ROWS = 1000;

function TableOf({ drawing, label }: { drawing: Drawing; label: string }) {
  const { t } = useTranslation("charts");
  const { columns, rows } = drawing.table;
  return (
    <div className="chart-table" tabIndex={0} role="region" aria-label={label}>
      <table className="table">
        <thead>
          <tr>
            {columns.map((name, at) => (
              <th key={at} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MAX_TABLE_ROWS).map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (
                <td key={column} className={typeof cell === "number" ? "num" : ""}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MAX_TABLE_ROWS && <p className="muted">{t("moreInCsv", { count: rows.length - MAX_TABLE_ROWS })}</p>}
    </div>
  );
}
