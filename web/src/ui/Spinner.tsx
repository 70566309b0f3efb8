// Something is on its way.
import { useTranslation } from "react-i18next";

export function Spinner() {
  const { t } = useTranslation("app");
  return <span className="spinner" role="status" aria-label={t("loading")} />;
}
