// Adding an operator right where the pointer is; with an edge in hand, only those that take it.
import { useTranslation } from "react-i18next";
import { useEffect, useMemo, useRef } from "react";
import { inputFor, insertion, outputFor } from "@/graph/connect";
import { type Catalogue, operatorOf } from "@/graph/model";
import { chosen, useLanguage } from "@/i18n/language";
import { categoryIcon } from "../canvas/icons";
import { useAdding } from "../canvas/useAdding";
import { searchKinds } from "../palette/search";
import { useEditorStore } from "../state/context";
import { useUi } from "../state/ui";
import { Chooser } from "./Chooser";

const WIDTH = 300;
const HEIGHT = 340;

export function QuickAddMenu({ catalogue }: { catalogue: Catalogue }) {
  const { t } = useTranslation("editor");
  const language = useLanguage();
  const store = useEditorStore();
  const quick = useUi((state) => state.quickAdd);
  const add = useAdding(catalogue);
  const box = useRef<HTMLDivElement>(null);
  const close = () => useUi.setState({ quickAdd: null });
  useEffect(() => {
    const outside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) useUi.setState({ quickAdd: null });
    };
    window.addEventListener("pointerdown", outside, true);
    return () => window.removeEventListener("pointerdown", outside, true);
  }, []);
  const kinds = useMemo(() => {
    if (!quick) return [];
    const { dag } = store.getState();
    const all = [...catalogue.values()];
    if (quick.into) {
      const edge = quick.into;
      return all.filter((kind) => insertion(dag, catalogue, kind, edge) !== null);
    }
    if (!quick.from) return all;
    const other = operatorOf(dag, quick.from.id);
    const otherKind = other && catalogue.get(other.algo_name);
    const type = (quick.from.side === "out" ? otherKind?.outputs[quick.from.port]?.type : otherKind?.inputs[quick.from.port]?.type) ?? "any";
    return all.filter((kind) => (quick.from?.side === "out" ? inputFor(kind, type) : outputFor(kind, type)) >= 0);
  }, [catalogue, quick, store]);
  if (!quick) return null;
  const left = Math.min(quick.screen.x, window.innerWidth - WIDTH - 8);
  const top = Math.min(quick.screen.y, window.innerHeight - HEIGHT - 8);
  return (
    <div ref={box} className="menu quick" style={{ left, top, width: WIDTH, maxHeight: HEIGHT }} role="dialog" aria-label={t("command.quickAdd")}>
      <Chooser
        label={t("palette.search")} testId="quick-add" onClose={close}
        choices={(query) => searchKinds(kinds, query).map((kind) => {
          const Icon = categoryIcon(kind.category);
          return {
            id: kind.algo_name,
            content: <><Icon size={15} aria-hidden /><span className="grow clip">{chosen(language, kind.name_en, kind.name_zh)}</span><span className="keys">{t(`category.${kind.category}`, { defaultValue: kind.category })}</span></>,
            take: () => { add({ kind, at: quick.at, from: quick.from, into: quick.into }); },
          };
        })}
      />
    </div>
  );
}
