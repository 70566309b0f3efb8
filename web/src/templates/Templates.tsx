// The templates as cards: one click makes a DAG that runs, with its sample data.
import { Database } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/Button";
import { TEMPLATES } from "./templates";
import "./templates.css";
import { useBegin } from "./useBegin";

export function Templates({ first }: { first: boolean }) {
  const { t } = useTranslation("templates");
  const { busy, start } = useBegin();
  return (
    <section className="column">
      <h2>{t(first ? "first" : "title")}</h2>
      <div className="templates">
        {TEMPLATES.map((template) => (
          <article key={template.id} className="card template">
            <div className="row"><template.icon size={18} aria-hidden /><h3 className="grow">{t(`${template.id}.title`)}</h3></div>
            <p className="muted">{t(`${template.id}.description`)}</p>
            {template.sample !== undefined ? <p className="muted row template-sample"><Database size={13} aria-hidden />{t("withSample")}</p> : null}
            <Button primary={first} onClick={() => void start(template)} disabled={busy} data-testid={`template-${template.id}`}>{t("use")}</Button>
          </article>
        ))}
      </div>
    </section>
  );
}
