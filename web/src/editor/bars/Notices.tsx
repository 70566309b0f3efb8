// What must be known about the whole document: that something of the past is shown, that its text is broken, that somebody saved a newer one.
import { History, TriangleAlert, UserPen } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { LiveRun } from "@/api/live";
import { told } from "@/i18n/faults";
import { Button } from "@/ui/Button";
import { useEditor } from "../state/context";

export function Notices({ live }: { live: LiveRun }) {
  const { t } = useTranslation("editor");
  const viewed = useEditor((state) => state.viewed);
  const broken = useEditor((state) => state.broken);
  const fault = useEditor((state) => state.faults[0]);
  const newer = useEditor((state) => state.newer);
  const view = useEditor((state) => state.view);
  const { leaveView, restoreViewed, setView, save } = useEditor((state) => state);
  if (viewed) {
    return (
      <div className="notice" data-testid="viewed">
        <History size={16} aria-hidden />
        <span className="grow">{viewed.kind === "run" ? t("history.viewingRun", { id: viewed.id }) : t("history.viewingVersion", { version: viewed.id })}{live.run && viewed.kind === "run" ? ` · ${live.run.dag}` : ""}</span>
        <Button onClick={restoreViewed} data-testid="restore">{t("history.restore")}</Button>
        <Button onClick={leaveView} data-testid="leave-view">{t("history.back")}</Button>
      </div>
    );
  }
  if (broken && view === "canvas") {
    return (
      <div className="notice notice-bad" role="alert">
        <TriangleAlert size={16} aria-hidden />
        <span className="grow">{t("text.broken")}{fault ? ` ${told(fault)}` : ""}</span>
        <Button onClick={() => setView("text")}>{t("text.open")}</Button>
      </div>
    );
  }
  if (newer !== null) {
    return (
      <div className="notice" role="status" data-testid="newer">
        <UserPen size={16} aria-hidden />
        <span className="grow">{t("newer.said", { version: newer })}</span>
        <Button onClick={() => void save()}>{t("newer.resolve")}</Button>
      </div>
    );
  }
  return null;
}
