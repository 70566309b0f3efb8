// What stands where a part of the page broke.
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/Button";

export function Broken({ error, again }: { error: Error; again: () => void }) {
  const { t } = useTranslation("app");
  return (
    <div className="empty" role="alert">
      <h2>{t("broken.title")}</h2>
      <p className="mono">{error.message}</p>
      <Button onClick={again}>{t("broken.again")}</Button>
    </div>
  );
}
