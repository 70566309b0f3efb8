// JSON as a tree that opens and closes; long lists show their beginning.
import { useTranslation } from "react-i18next";

const MAX_SHOWN = 100;
const OPEN_DEPTH = 2;

export function Json({ value }: { value: unknown }) {
  return (
    <div className="json mono">
      <Node value={value} depth={0} />
    </div>
  );
}

function Node({ name, value, depth }: { name?: string; value: unknown; depth: number }) {
  const { t } = useTranslation("results");
  const label = name === undefined ? null : <span className="json-name">{name}: </span>;
  if (typeof value !== "object" || value === null) {
    return (
      <div className="json-line">
        {label}
        <span className={typeof value === "string" ? "json-text" : "json-value"}>{typeof value === "string" ? value : String(value)}</span>
      </div>
    );
  }
  const entries: [string, unknown][] = Array.isArray(value) ? value.map((entry, at) => [String(at), entry as unknown]) : Object.entries(value);
  const flat = entries.every(([, entry]) => typeof entry !== "object" || entry === null);
  if (Array.isArray(value) && flat) {
    const shown = value.slice(0, MAX_SHOWN).map((entry) => (entry === null ? "null" : String(entry)));
    return (
      <div className="json-line">
        {label}
        <span className="json-value">{shown.join(", ")}</span>
        {value.length > MAX_SHOWN ? <span className="muted"> {t("andMore", { count: value.length - MAX_SHOWN })}</span> : null}
      </div>
    );
  }
  const inner = (
    <>
      {entries.slice(0, MAX_SHOWN).map(([key, entry]) => <Node key={key} name={key} value={entry} depth={depth + 1} />)}
      {entries.length > MAX_SHOWN ? <div className="muted">{t("andMore", { count: entries.length - MAX_SHOWN })}</div> : null}
    </>
  );
  if (name === undefined) return inner;
  return (
    <details className="json-part" open={depth < OPEN_DEPTH}>
      <summary>{name} <span className="muted">{entries.length}</span></summary>
      {inner}
    </details>
  );
}
