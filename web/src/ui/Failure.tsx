// A problem in place of what it kept from being shown, with its remedy and another try.
import { useTranslation } from "react-i18next";
import { Problem, Unreachable } from "@/api/problem";
import { told } from "@/i18n/faults";
import { Button } from "./Button";

export function Failure({ error, again }: { error: unknown; again?: () => void }) {
  const { t } = useTranslation("app");
  const text = error instanceof Unreachable ? t("offline") : error instanceof Problem ? told(error) : error instanceof Error ? error.message : String(error);
  return (
    <div className="empty" role="alert">
      <h2>{text}</h2>
      {error instanceof Problem && error.hint ? <p>{error.hint}</p> : null}
      {again ? <Button onClick={again}>{t("broken.again")}</Button> : null}
    </div>
  );
}
