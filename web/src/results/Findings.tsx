// What a colleague would point out about an evaluation, with the button that mends it where that is known.
import { Lightbulb, TriangleAlert, Wrench } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { complain } from "@/app/toasts";
import type { Finding } from "@/charts/evaluation";
import { chosen, useLanguage } from "@/i18n/language";
import { Button } from "@/ui/Button";

interface Props {
  findings: Finding[];
  /** Null where nothing can be changed. */
  fix: ((finding: string) => Promise<void>) | null;
}

export function Findings({ findings, fix }: Props) {
  const { t } = useTranslation("results");
  const language = useLanguage();
  const [busy, setBusy] = useState<string | null>(null);
  const mend = (code: string) => {
    if (!fix) return;
    setBusy(code);
    fix(code).catch(complain).finally(() => setBusy(null));
  };
  if (findings.length === 0) return null;
  return (
    <ul className="findings" aria-label={t("findings")}>
      {findings.map((finding, at) => {
        const Icon = finding.severity === "info" ? Lightbulb : TriangleAlert;
        return (
          <li key={at} className={`finding finding-${finding.severity === "info" ? "info" : "warning"}`}>
            <Icon size={16} aria-hidden />
            <div className="grow">
              <p>{chosen(language, finding.text.en, finding.text.zh)}</p>
              <p className="muted">{chosen(language, finding.remedy.en, finding.remedy.zh)}</p>
              {finding.fixable && fix ? (
                <Button primary icon={Wrench} disabled={busy !== null} onClick={() => mend(finding.code)} data-testid={`fix-${finding.code}`}>{t("fix")}</Button>
              ) : null}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
