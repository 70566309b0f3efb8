// The templates as cards: one click makes a DAG that runs, with its sample data.
import { Database } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/i18n/language";
import { Button } from "@/ui/Button";
import { templateIcon } from "./icons";
import "./templates.css";
import { useTemplates } from "./useTemplates";

export function Templates({ first }: { first: boolean }) {
  const { t } = useTranslation("templates");
  const language = useLanguage();
  const { templates, busy, start } = useTemplates();
  if (templates.length === 0) return null;
  return (
    <section className="column">
      <h2>{t(first ? "first" : "title")}</h2>
      <div className="templates">
        {templates.map((template) => {
          const Icon = templateIcon(template.id);
          return (
            <article key={template.id} className="card template">
              <div className="row"><Icon size={18} aria-hidden /><h3 className="grow">{template.title[language]}</h3><span className="tag num">{t("operators", { count: template.operators })}</span></div>
              <p className="muted">{template.description[language]}</p>
              {template.needs_dataset ? <p className="muted row template-sample"><Database size={13} aria-hidden />{t("withSample")}</p> : null}
              <Button primary={first} onClick={() => void start(template.id)} disabled={busy} data-testid={`template-${template.id}`}>{t("use")}</Button>
            </article>
          );
        })}
      </div>
    </section>
  );
}
