// Pauses a schedule, or goes on with it.
import { useMutation } from "@tanstack/react-query";
import { Pause, Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import { keys, queries } from "@/api/queries";
import { pauseSchedule } from "@/api/schedules";
import { complain } from "@/app/toasts";
import { Button } from "@/ui/Button";

export function PauseButton({ dagId, title, paused }: { dagId: string; title: string; paused: boolean }) {
  const { t } = useTranslation("schedules");
  const change = useMutation({
    mutationFn: () => pauseSchedule(dagId, !paused),
    onError: complain,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.schedules }),
  });
  return (
    <Button icon={paused ? Play : Pause} disabled={change.isPending} onClick={() => change.mutate()} aria-label={t(paused ? "goOnOne" : "pauseOne", { name: title })} data-testid={`schedule-pause-${dagId}`}>
      {t(paused ? "goOn" : "pause")}
    </Button>
  );
}
