// The templates there are: one click makes a DAG of its own and opens it.
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/i18n/language";
import { templateIcon } from "@/templates/icons";
import { useTemplates } from "@/templates/useTemplates";

export function Templates() {
  const { t } = useTranslation("editor");
  const language = useLanguage();
  const { templates, busy, start } = useTemplates();
  return (
    <div className="palette-list">
      {templates.map((template) => {
        const Icon = templateIcon(template.id);
        return (
          <button key={template.id} type="button" className="palette-item palette-template" disabled={busy} title={template.description[language]} onClick={() => void start(template.id)} data-testid={`palette-template-${template.id}`}>
            <Icon size={15} aria-hidden />
            <span className="grow clip">{template.title[language]}</span>
          </button>
        );
      })}
      <p className="palette-none">{t("palette.templateHelp")}</p>
    </div>
  );
}
