// The templates there are: one click makes a DAG of its own and opens it.
import { useTranslation } from "react-i18next";
import { TEMPLATES } from "@/templates/templates";
import { useBegin } from "@/templates/useBegin";

export function Templates() {
  const { t } = useTranslation(["editor", "templates"]);
  const { busy, start } = useBegin();
  return (
    <div className="palette-list">
      {TEMPLATES.map((template) => (
        <button key={template.id} type="button" className="palette-item palette-template" disabled={busy} title={t(`templates:${template.id}.description`)} onClick={() => void start(template)} data-testid={`palette-template-${template.id}`}>
          <template.icon size={15} aria-hidden />
          <span className="grow clip">{t(`templates:${template.id}.title`)}</span>
        </button>
      ))}
      <p className="palette-none">{t("palette.templateHelp")}</p>
    </div>
  );
}
