// Models behind endpoints: what is served, how it goes, and the way back.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Trash2, Undo2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { keys, queries } from "@/api/queries";
import { listServices, removeService, rollBackService } from "@/api/services";
import type { ServiceView } from "@/api/types";
import { to } from "@/app/router";
import { complain, say } from "@/app/toasts";
import { formatAgo, formatNumber, formatTime } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import "./services.css";

/** Rates and latencies are those of now. */
const LOOK_AGAIN_MS = 2_000;
const TAGS: Readonly<Record<ServiceView["state"], string>> = { ready: "tag-good", starting: "", down: "tag-bad", stopped: "" };

export default function ServicesPage() {
  const { t } = useTranslation("services");
  const [asked, ask] = useState<string | null>(null);
  const { data, error, refetch } = useQuery({ queryKey: keys.services, queryFn: listServices, staleTime: 0, refetchInterval: LOOK_AGAIN_MS });
  if (error) return <Failure error={error} again={() => void refetch()} />;
  return (
    <div className="page">
      <div className="page-inner">
        <div className="page-head"><h1>{t("title")}</h1></div>
        {!data ? <div className="empty"><Spinner /></div> : data.items.length === 0 ? (
          <div className="card empty">
            <h2>{t("none")}</h2>
            <p>{t("noneHint")}</p>
            <a href="#/models">{t("toModels")}</a>
          </div>
        ) : <List services={data.items} onRemove={ask} />}
        {asked === null ? null : <Removal name={asked} onClose={() => ask(null)} />}
      </div>
    </div>
  );
}

function List({ services, onRemove }: { services: readonly ServiceView[]; onRemove: (name: string) => void }) {
  const { t } = useTranslation("services");
  return (
    <>
      <div className="card services-table">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("service")}</th><th scope="col">{t("model")}</th><th scope="col">{t("state")}</th><th scope="col">{t("runtime")}</th><th scope="col" className="num">{t("requests")}</th>
              <th scope="col" className="num">{t("rate")}</th><th scope="col" className="num">{t("typical")}</th><th scope="col" className="num">{t("slow")}</th>
              <th scope="col">{t("changed")}</th><th scope="col" aria-label={t("actions")} />
            </tr>
          </thead>
          <tbody>{services.map((service) => <Row key={service.name} service={service} onRemove={onRemove} />)}</tbody>
        </table>
      </div>
      <p className="muted services-address">{t("address")} <span className="mono">{`POST ${window.location.origin}/services/NAME/invocations`}</span></p>
    </>
  );
}

function Row({ service, onRemove }: { service: ServiceView; onRemove: (name: string) => void }) {
  const { t } = useTranslation("services");
  const language = useLanguage();
  const { name, served, before, state, traffic } = service;
  const back = useMutation({
    mutationFn: () => rollBackService(name),
    onSuccess: (view) => say(t("serves", { name, model: view.served.model, version: view.served.version }), "good"),
    onError: complain,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.services }),
  });
  const millis = (us: number | undefined) => (us === undefined ? "" : t("millis", { value: formatNumber(language, us / 1_000) }));
  return (
    <tr data-testid={`service-${name}`}>
      <td>{name}</td>
      <td><a href={`#${to("/models/:name", { name: served.model })}`}>{served.model}</a> <span className="tag num">{t("dags:version", { version: served.version })}</span></td>
      <td><span className={`tag ${TAGS[state]}`} title={service.why}>{t(`is.${state}`)}</span></td>
      <td>{service.runtime ? <span className="tag" title={service.runtime_note}>{t(`by.${service.runtime}`)}</span> : null}</td>
      <td className="num">{formatNumber(language, traffic.requests)}</td>
      <td className="num">{formatNumber(language, traffic.per_second)}</td>
      <td className="num">{millis(traffic.p50_us)}</td>
      <td className="num">{millis(traffic.p95_us)}</td>
      <td className="muted" title={formatTime(language, service.changed_at_ms)}>{formatAgo(language, service.changed_at_ms)}</td>
      <td>
        <span className="services-actions">
          {before ? (
            <Button icon={Undo2} disabled={back.isPending} onClick={() => back.mutate()} data-testid={`service-back-${name}`}>
              {t("backTo", { model: before.model, version: before.version })}
            </Button>
          ) : null}
          <IconButton plain icon={Trash2} label={t("remove", { name })} onClick={() => onRemove(name)} data-testid={`service-remove-${name}`} />
        </span>
      </td>
    </tr>
  );
}

function Removal({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation("services");
  const removal = useMutation({
    mutationFn: () => removeService(name),
    onSuccess: onClose,
    onError: complain,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.services }),
  });
  return (
    <Dialog
      title={t("remove", { name })}
      description={t("removeHint")}
      onClose={onClose}
      foot={<><Button onClick={onClose}>{t("app:cancel")}</Button><Button danger disabled={removal.isPending} onClick={() => removal.mutate()} data-testid="service-remove-sure">{t("removeSure")}</Button></>}
    >
      {null}
    </Dialog>
  );
}
