// Another id for an operator; its edges follow.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { idFault } from "@/graph/apply";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { useEditor } from "../state/context";
import { useUi } from "../state/ui";

export function RenameDialog({ onRefused }: { onRefused: (error: unknown) => void }) {
  const { t } = useTranslation("editor");
  const id = useUi((state) => state.renaming) ?? "";
  const operator = useEditor((state) => state.dag.operators.find((one) => one.id === id));
  const ids = useEditor((state) => state.dag.operators);
  const { edit, select } = useEditor((state) => state);
  const [name, setName] = useState(operator?.cn_name ?? "");
  const [newId, setNewId] = useState(id);
  const close = () => useUi.setState({ renaming: null });
  const fault = idFault(newId) ? t("refused.bad_id", { about: newId }) : newId !== id && ids.some((one) => one.id === newId) ? t("refused.operator_exists", { about: newId }) : null;
  const done = () => {
    if (fault) {
      onRefused(new Error(fault));
      return;
    }
    const edits = [];
    if (name.trim() !== (operator?.cn_name ?? "")) edits.push({ type: "set_field" as const, operator: id, field: "cn_name" as const, value: name.trim() === "" ? null : name.trim() });
    if (newId !== id) edits.push({ type: "rename_operator" as const, operator: id, to: newId });
    if (edit("editor:step.rename", edits) && newId !== id) select({ operators: new Set([newId]) });
    close();
  };
  return (
    <Dialog title={t("command.rename")} onClose={close} foot={<><Button onClick={close}>{t("rename.cancel")}</Button><Button primary onClick={done} disabled={fault !== null} data-testid="rename-done">{t("rename.done")}</Button></>}>
      <form className="column" onSubmit={(event) => { event.preventDefault(); done(); }}>
        <label className="field"><span className="field-label">{t("rename.name")}</span><input className="input" autoFocus value={name} onChange={(event) => setName(event.target.value)} data-testid="rename-name" /></label>
        <label className="field"><span className="field-label">{t("rename.id")}</span><input className="input mono" value={newId} aria-invalid={fault !== null} onChange={(event) => setNewId(event.target.value)} data-testid="rename-id" /></label>
        {fault ? <p className="bad">{fault}</p> : <p className="muted">{t("rename.help")}</p>}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
