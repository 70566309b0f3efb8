// What can be put onto the canvas, operators and datasets, and templates to begin another one with.
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Catalogue } from "@/graph/model";
import { Tabs } from "@/ui/Tabs";
import { Datasets } from "./Datasets";
import { Operators } from "./Operators";
import { Templates } from "./Templates";
import "./palette.css";

/** Hundreds of entries: not drawn anew with every event of a run. */
export const Palette = memo(function Palette({ catalogue, readOnly }: { catalogue: Catalogue; readOnly: boolean }) {
  const { t } = useTranslation("editor");
  const [tab, setTab] = useState("operators");
  return (
    <aside className="palette" aria-label={t("palette.label")}>
      <Tabs
        label={t("palette.label")} value={tab} onChange={setTab}
        tabs={[
          { id: "operators", label: t("palette.operators"), content: () => <Operators catalogue={catalogue} readOnly={readOnly} /> },
          { id: "datasets", label: t("palette.datasets"), content: () => <Datasets catalogue={catalogue} readOnly={readOnly} /> },
          { id: "templates", label: t("palette.templates"), content: () => <Templates /> },
        ]}
      />
    </aside>
  );
});
