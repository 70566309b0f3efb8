// Says that the server is away; nothing is lost meanwhile.
import { CloudOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useConnection } from "@/api/connection";

export function Banner() {
  const online = useConnection((state) => state.online);
  const { t } = useTranslation("app");
  return (
    <div aria-live="assertive">
      {online ? null : (
        <div className="banner" data-testid="offline">
          <CloudOff size={16} aria-hidden />
          <span>{t("offline")}</span>
        </div>
      )}
    </div>
  );
}
