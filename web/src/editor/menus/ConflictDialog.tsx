// Somebody else changed the same DAG: nothing is lost without being asked.
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { useEditor } from "../state/context";

export function ConflictDialog() {
  const { t } = useTranslation("editor");
  const conflict = useEditor((state) => state.conflict);
  const mine = useEditor((state) => state.source);
  const { merge, overwrite, takeTheirs, closeConflict } = useEditor((state) => state);
  if (!conflict) return null;
  return (
    <Dialog
      wide title={t("conflict.title")} onClose={closeConflict}
      description={conflict.about === "save" ? t("conflict.save", { version: conflict.version }) : t("conflict.draft")}
      foot={
        <>
          <Button onClick={() => void takeTheirs()} data-testid="conflict-theirs">{t("conflict.takeTheirs")}</Button>
          <Button danger onClick={() => void overwrite()} data-testid="conflict-overwrite">{t("conflict.overwrite")}</Button>
          <Button primary onClick={() => void merge()} data-testid="conflict-merge">{t("conflict.merge")}</Button>
        </>
      }
    >
      <p>{t("conflict.explain")}</p>
      <div className="conflict-texts">
        <section><h3>{t("conflict.mine")}</h3><pre>{only(mine, conflict.theirs)}</pre></section>
        <section><h3>{t("conflict.theirs")}</h3><pre>{only(conflict.theirs, mine)}</pre></section>
      </div>
    </Dialog>
  );
}

/** The lines that the other text doesn't have. */
function only(text: string, other: string): string {
  const lines = new Set(other.split("\n"));
  const found = text.split("\n").filter((line) => line.trim() !== "" && !lines.has(line));
  return found.slice(0, 200).join("\n");
}
