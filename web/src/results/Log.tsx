// The log of an attempt: only lines in view exist; follows the end unless scrolled away from it.
import { ArrowDownToLine, Copy, Download } from "lucide-react";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { complain, say } from "@/app/toasts";
import { saveText } from "@/charts/save";
import { rowsInView, scrollHeight } from "@/tables/window";
import { Button } from "@/ui/Button";
import { Failure } from "@/ui/Failure";
import { pieces, plain } from "./ansi";
import { useLog, wholeLog } from "./log";
import "./results.css";

interface Props {
  runId: string;
  operator: string;
  /** How many there were; the newest is shown first. */
  attempts: number;
  running: boolean;
}

const LINE_PX = 18;
/** This near to the end counts as being there. */
const NEAR_PX = 30;

export function Log({ runId, operator, attempts, running }: Props) {
  const { t } = useTranslation("results");
  const [chosen, setChosen] = useState<number | null>(null);
  const attempt = chosen ?? attempts;
  const log = useLog(runId, operator, attempt, running && attempt === attempts);
  const lines = useMemo(() => {
    const all = log.text.split("\n");
    if (all.at(-1) === "") all.pop();
    return all;
  }, [log.text]);
  const [follow, setFollow] = useState(true);
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 200 });

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () => {
      setView({ top: element.scrollTop, height: element.clientHeight });
      setFollow(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX);
    };
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      watch.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, []);
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines, follow]);

  const copy = () =>
    navigator.clipboard.writeText(plain(log.text)).then(
      () => say(t("log.copied"), "good"),
      () => say(t("log.notCopied"), "bad"),
    );
  const save = () => wholeLog(runId, operator, attempt).then((text) => saveText(plain(text), `${operator}-${attempt}.log`, "text/plain"), complain);
  const shown = rowsInView(lines.length, LINE_PX, view.top, view.height, 20);

  return (
    <div className="log">
      <div className="row log-tools">
        {attempts > 1 ? (
          <select className="input" aria-label={t("why.attempt")} value={attempt} onChange={(event) => setChosen(Number(event.target.value))}>
            {Array.from({ length: attempts }, (_, at) => attempts - at).map((number) => <option key={number} value={number}>{t("log.attempt", { number })}</option>)}
          </select>
        ) : null}
        {running && !log.ended ? <span className={log.broken ? "tag tag-warn" : "tag tag-running"}>{t(log.broken ? "log.broken" : "log.live")}</span> : null}
        {log.cut ? <span className="muted clip">{t("log.cut")}</span> : null}
        <span className="grow" />
        <Button plain icon={ArrowDownToLine} aria-pressed={follow} onClick={() => setFollow(!follow)}>{t("log.follow")}</Button>
        <Button plain icon={Copy} onClick={() => void copy()} disabled={lines.length === 0}>{t("log.copy")}</Button>
        <Button plain icon={Download} onClick={() => void save()} disabled={lines.length === 0}>{t("log.save")}</Button>
      </div>
      {log.error ? <Failure error={log.error} /> : null}
      <div ref={box} className="log-box mono" tabIndex={0} role="log" aria-label={t("log.label")} aria-live="off">
        {lines.length === 0 ? (
          <p className="muted log-empty">{t(log.ended ? "log.empty" : "log.waiting")}</p>
        ) : (
          <div style={{ position: "relative", height: scrollHeight(lines.length, LINE_PX) }}>
            <div className="log-lines" style={{ top: shown.top }}>
              {lines.slice(shown.first, shown.end).map((line, at) => (
                <div key={shown.first + at} className="log-line">
                  <span className="log-number num" aria-hidden>{log.cut ? "" : shown.first + at + 1}</span>
                  {pieces(line).map((piece, part) => (piece.style ? <span key={part} className={piece.style}>{piece.text}</span> : piece.text))}
                </div>
              ))}
            </div>
          </div>
        )}
      </div>
    </div>
  );
}
