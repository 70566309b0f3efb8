// Draws the short messages and reads them out.
import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/ui/Button";
import { dismiss, useToasts } from "./toasts";

const ICONS = { good: CircleCheck, bad: CircleAlert, plain: Info };

export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  const { t } = useTranslation("app");
  return (
    <div className="toasts" role="region" aria-label={t("messages")} aria-live="polite">
      {toasts.map((toast) => {
        const Icon = ICONS[toast.kind];
        return (
          <div key={toast.id} className={`toast toast-${toast.kind}`} role={toast.kind === "bad" ? "alert" : "status"}>
            <Icon size={16} aria-hidden />
            <div className="grow">
              <div>{toast.text}</div>
              {toast.hint ? <div className="toast-hint">{toast.hint}</div> : null}
            </div>
            <IconButton label={t("dismiss")} icon={X} plain onClick={() => dismiss(toast.id)} />
          </div>
        );
      })}
    </div>
  );
}
