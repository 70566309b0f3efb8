// Puts a model's version behind an endpoint; where one of that name is, in the place of what it serves.
import { useMutation } from "@tanstack/react-query";
import { Rocket } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { keys, queries } from "@/api/queries";
import { deployService } from "@/api/services";
import { complain, say } from "@/app/toasts";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

export function DeployButton({ model, version }: { model: string; version: number }) {
  const { t } = useTranslation("services");
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton plain icon={Rocket} label={t("deploy", { model, version })} onClick={() => setOpen(true)} data-testid={`deploy-${model}-${version}`} />
      {open ? <Deployment model={model} version={version} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function Deployment({ model, version, onClose }: { model: string; version: number; onClose: () => void }) {
  const { t } = useTranslation("services");
  const [name, setName] = useState(model);
  const [form, field] = [useId(), useId()];
  const deployment = useMutation({
    mutationFn: () => deployService(name, model, version),
    onSuccess: () => {
      say(t("serves", { name, model, version }), "good");
      onClose();
    },
    onError: complain,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.services }),
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    deployment.mutate();
  };
  return (
    <Dialog
      title={t("deploy", { model, version })}
      description={t("deployHint")}
      onClose={onClose}
      foot={<><Button onClick={onClose}>{t("app:cancel")}</Button><Button primary type="submit" form={form} disabled={deployment.isPending || name === ""} data-testid="deploy-sure">{t(deployment.isPending ? "loading" : "deploySure")}</Button></>}
    >
      <form id={form} onSubmit={send}>
        <label htmlFor={field}>{t("service")}</label>
        <input id={field} className="input" value={name} maxLength={63} onChange={(event) => setName(event.target.value)} data-testid="deploy-name" />
      </form>
    </Dialog>
  );
}
