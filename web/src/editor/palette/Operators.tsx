// The operators there are, by category and by search; dragged or double-clicked onto the canvas.
import { ChevronDown, ChevronRight, PackageX, Search } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OperatorKind } from "@/api/types";
import { recall, remember } from "@/app/remembered";
import type { Catalogue } from "@/graph/model";
import { chosen, useLanguage } from "@/i18n/language";
import { Spinner } from "@/ui/Spinner";
import { CATEGORIES, categoryIcon } from "../canvas/icons";
import { useAdding } from "../canvas/useAdding";
import { useUi } from "../state/ui";
import { DRAGGED_KIND } from "./dragged";
import { searchKinds } from "./search";

export function Operators({ catalogue, readOnly }: { catalogue: Catalogue; readOnly: boolean }) {
  const { t } = useTranslation("editor");
  const [query, setQuery] = useState("");
  const [closed, setClosed] = useState(() => new Set((recall("palette.closed") ?? "").split(",").filter(Boolean)));
  const found = useMemo(() => searchKinds([...catalogue.values()], query), [catalogue, query]);
  const groups = useMemo(() => {
    const known = new Set<string>(CATEGORIES);
    const names = [...CATEGORIES, ...new Set([...catalogue.values()].map((kind) => kind.category).filter((name) => !known.has(name)))];
    return names.map((name) => ({ name, kinds: found.filter((kind) => kind.category === name) })).filter((group) => group.kinds.length > 0);
  }, [catalogue, found]);
  const toggle = (name: string) => {
    const next = new Set(closed);
    if (next.has(name)) next.delete(name);
    else next.add(name);
    setClosed(next);
    remember("palette.closed", [...next].join(","));
  };
  return (
    <>
      <label className="palette-search">
        <Search size={15} aria-hidden />
        <input className="input" type="search" value={query} onChange={(event) => setQuery(event.target.value)} placeholder={t("palette.search")} aria-label={t("palette.search")} data-testid="palette-search" />
      </label>
      <div className="palette-list">
        {catalogue.size === 0 ? <div className="empty"><Spinner /></div> : null}
        {catalogue.size > 0 && found.length === 0 ? <p className="palette-none">{t("palette.none", { query })}</p> : null}
        {query.trim() !== ""
          ? found.map((kind) => <Item key={kind.algo_name} kind={kind} catalogue={catalogue} readOnly={readOnly} />)
          : groups.map(({ name, kinds }) => {
              const open = !closed.has(name);
              const Icon = categoryIcon(name);
              return (
                <section key={name}>
                  <button type="button" className="palette-group" aria-expanded={open} onClick={() => toggle(name)}>
                    {open ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
                    <Icon size={15} aria-hidden />
                    <span className="grow">{t(`category.${name}`, { defaultValue: name })}</span>
                    <span className="muted num">{kinds.length}</span>
                  </button>
                  {open ? kinds.map((kind) => <Item key={kind.algo_name} kind={kind} catalogue={catalogue} readOnly={readOnly} />) : null}
                </section>
              );
            })}
      </div>
    </>
  );
}

function Item({ kind, catalogue, readOnly }: { kind: OperatorKind; catalogue: Catalogue; readOnly: boolean }) {
  const language = useLanguage();
  const { t } = useTranslation("editor");
  const add = useAdding(catalogue);
  const name = chosen(language, kind.name_en, kind.name_zh);
  const doc = chosen(language, kind.doc_en, kind.doc_zh);
  // Hundreds of these stand here: the browser's own tip costs nothing.
  const hint = kind.available ? doc : `${doc}\n${t("palette.install", { what: kind.install ?? "" })}`;
  const put = () => {
    const at = useUi.getState().control?.middle();
    if (at) add({ kind, at });
  };
  return (
    <button
      type="button"
      className={kind.available ? "palette-item" : "palette-item palette-item-missing"}
      draggable={!readOnly}
      title={hint}
      disabled={readOnly}
      data-testid={`kind-${kind.algo_name}`}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAGGED_KIND, kind.algo_name);
        event.dataTransfer.effectAllowed = "copy";
      }}
      onDoubleClick={put}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        put();
      }}
    >
      <span className="grow clip">{name}</span>
      {kind.available ? null : <PackageX size={14} aria-hidden />}
    </button>
  );
}
