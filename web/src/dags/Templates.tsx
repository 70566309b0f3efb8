// Ready pipelines to begin with, each with its sample data. Nothing is shown where the server has none.
import { useQuery } from "@tanstack/react-query";
import { LayoutTemplate } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { json, part } from "@/api/http";
import { keys, queries } from "@/api/queries";
import type { Bilingual } from "@/api/types";
import { go, to } from "@/app/router";
import { complain } from "@/app/toasts";
import { useLanguage } from "@/i18n/language";
import { Button } from "@/ui/Button";

interface Template {
  id: string;
  title: Bilingual;
  description: Bilingual;
  operators: number;
}

export function Templates({ first }: { first: boolean }) {
  const { t } = useTranslation("dags");
  const language = useLanguage();
  const [busy, setBusy] = useState<string | null>(null);
  const { data } = useQuery({ queryKey: keys.templates, queryFn: () => json<{ items: Template[] }>("/templates"), staleTime: Infinity });
  if (!data || data.items.length === 0) return null;
  const use = async (id: string) => {
    setBusy(id);
    try {
      const made = await json<{ dag_id: string }>(`/templates/${part(id)}`, { method: "POST" });
      await queries.invalidateQueries({ queryKey: keys.dags });
      go(to("/dags/:dagId", { dagId: made.dag_id }));
    } catch (problem) {
      complain(problem);
    } finally {
      setBusy(null);
    }
  };
  return (
    <section className="column">
      <h2>{first ? t("templates.first") : t("templates.title")}</h2>
      <div className="templates">
        {data.items.map((template) => (
          <article key={template.id} className="card template">
            <div className="row"><LayoutTemplate size={18} aria-hidden /><h3 className="grow">{template.title[language]}</h3><span className="tag num">{t("templates.operators", { count: template.operators })}</span></div>
            <p className="muted">{template.description[language]}</p>
            <Button onClick={() => void use(template.id)} disabled={busy !== null} data-testid={`template-${template.id}`}>{t("templates.use")}</Button>
          </article>
        ))}
      </div>
    </section>
  );
}
