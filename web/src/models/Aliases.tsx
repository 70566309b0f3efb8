// Names that stand for a version: seen, set (or moved here from another version), removed.
import { useMutation } from "@tanstack/react-query";
import { Tag, X } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ModelVersion, removeAlias, setAlias } from "@/api/models";
import { keys, queries } from "@/api/queries";
import { complain, say } from "@/app/toasts";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { ALIAS } from "./alias";

export function Aliases({ model }: { model: ModelVersion }) {
  const { t } = useTranslation("models");
  const [open, setOpen] = useState(false);
  const removal = useMutation({
    mutationFn: (alias: string) => removeAlias(model.name, alias),
    onError: complain,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.models }),
  });
  return (
    <span className="models-aliases">
      {model.aliases.map((alias) => (
        <span key={alias} className="tag tag-good models-alias" data-testid={`alias-${alias}`}>
          {alias}
          <button type="button" className="models-alias-remove" disabled={removal.isPending} onClick={() => removal.mutate(alias)} aria-label={t("removeAlias", { alias })} title={t("removeAlias", { alias })} data-testid={`alias-remove-${alias}`}>
            <X size={12} aria-hidden />
          </button>
        </span>
      ))}
      <IconButton plain icon={Tag} label={t("setAlias", { version: model.version })} onClick={() => setOpen(true)} data-testid={`alias-of-${model.name}-${model.version}`} />
      {open ? <Naming model={model} onClose={() => setOpen(false)} /> : null}
    </span>
  );
}

function Naming({ model, onClose }: { model: ModelVersion; onClose: () => void }) {
  const { t } = useTranslation("models");
  const [alias, setName] = useState("");
  const [form, field, hint] = [useId(), useId(), useId()];
  const good = ALIAS.test(alias);
  const naming = useMutation({
    mutationFn: () => setAlias(model.name, alias, model.version),
    onSuccess: () => {
      say(t("aliasSet", { alias: `${model.name}@${alias}`, version: model.version }), "good");
      onClose();
    },
    onError: complain,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.models }),
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (good) naming.mutate();
  };
  return (
    <Dialog
      title={t("setAlias", { version: model.version })}
      description={t("aliasHint")}
      onClose={onClose}
      foot={<><Button onClick={onClose}>{t("app:cancel")}</Button><Button primary type="submit" form={form} disabled={naming.isPending || !good} data-testid="alias-sure">{t("aliasSure")}</Button></>}
    >
      <form id={form} onSubmit={send}>
        <label htmlFor={field}>{t("alias")}</label>
        <input id={field} className="input" value={alias} maxLength={63} aria-describedby={hint} aria-invalid={alias !== "" && !good} onChange={(event) => setName(event.target.value)} data-testid="alias-name" />
        <p id={hint} className={alias !== "" && !good ? "bad" : "muted"}>{t("aliasRule")}</p>
      </form>
    </Dialog>
  );
}
