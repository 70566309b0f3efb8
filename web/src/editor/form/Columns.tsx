// A list of columns: chosen from those that are known, or typed.
import * as Popover from "@radix-ui/react-popover";
import { Check, Plus, X } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/Button";
import type { FieldProps } from "./Field";

interface ColumnsProps extends FieldProps {
  id: string;
  describedBy: string;
  onTyped: (value: unknown) => void;
}

const SHOWN = 12;

function listOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  return value === undefined || value === null ? [] : [String(value)];
}

export function Columns({ id, value, columns, readOnly, describedBy, onCommit }: ColumnsProps) {
  const { t } = useTranslation("editor");
  const [all, setAll] = useState(false);
  const list = listOf(value);
  const shown = all ? list : list.slice(0, SHOWN);
  const commit = (next: string[]) => onCommit(next.length > 0 ? next : undefined);
  return (
    <div className="chips" aria-describedby={describedBy}>
      {shown.map((name) => (
        <span key={name} className="chip">
          {name}
          {readOnly ? null : (
            <button type="button" aria-label={t("form.removeColumn", { name })} onClick={() => commit(list.filter((other) => other !== name))}><X size={12} aria-hidden /></button>
          )}
        </span>
      ))}
      {list.length > SHOWN ? <Button plain className="chip-more" onClick={() => setAll(!all)}>{all ? t("form.fewer") : t("form.more", { count: list.length - SHOWN })}</Button> : null}
      {readOnly ? null : <Picker id={id} list={list} columns={columns} commit={commit} />}
    </div>
  );
}

function Picker({ id, list, columns, commit }: { id: string; list: readonly string[]; columns: readonly string[]; commit: (next: string[]) => void }) {
  const { t } = useTranslation("editor");
  const [query, setQuery] = useState("");
  const chosen = useMemo(() => new Set(list), [list]);
  const found = useMemo(() => columns.filter((name) => name.toLowerCase().includes(query.trim().toLowerCase())), [columns, query]);
  const typed = query.split(/[,，\s]+/).map((name) => name.trim()).filter(Boolean);
  const toggle = (name: string) => commit(chosen.has(name) ? list.filter((other) => other !== name) : [...list, name]);
  const addTyped = () => {
    const fresh = typed.filter((name) => !chosen.has(name));
    if (fresh.length > 0) commit([...list, ...fresh]);
    setQuery("");
  };
  return (
    <Popover.Root onOpenChange={(open) => { if (!open) setQuery(""); }}>
      <Popover.Trigger asChild>
        <Button id={id} icon={Plus} className="chip-add">{t("form.chooseColumns")}</Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="menu picker" align="start" sideOffset={4} collisionPadding={8}>
          <input
            className="input" value={query} onChange={(event) => setQuery(event.target.value)} placeholder={columns.length > 0 ? t("form.searchColumns") : t("form.typeColumns")} aria-label={t("form.searchColumns")}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              const only = found.length === 1 ? found[0] : undefined;
              if (only !== undefined) toggle(only);
              else addTyped();
            }}
          />
          {columns.length > 0 ? (
            <div className="row picker-all">
              <Button plain onClick={() => commit([...new Set([...list, ...found])])}>{t("form.all")}</Button>
              <Button plain onClick={() => commit(list.filter((name) => !found.includes(name)))}>{t("form.none")}</Button>
              <span className="muted num">{t("form.chosen", { count: list.length })}</span>
            </div>
          ) : null}
          <div className="picker-list" role="listbox" aria-multiselectable aria-label={t("form.chooseColumns")}>
            {found.map((name) => (
              <button key={name} type="button" role="option" aria-selected={chosen.has(name)} className="menu-item picker-item" onClick={() => toggle(name)}>
                <span className="picker-check">{chosen.has(name) ? <Check size={14} aria-hidden /> : null}</span>
                {name}
              </button>
            ))}
            {typed.length > 0 && !typed.every((name) => columns.includes(name)) ? <Button plain icon={Plus} onClick={addTyped}>{t("form.add", { names: typed.join(", ") })}</Button> : null}
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
