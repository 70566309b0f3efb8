// The pipeline, or an operator with what it needs, as Python that runs alone.
import { useQuery } from "@tanstack/react-query";
import { Copy, Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { documentAsPython } from "@/api/documents";
import { say } from "@/app/toasts";
import { operatorOf } from "@/graph/model";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import { download, fileName } from "../exports";
import { shownDag, useEditor, useEditorStore } from "../state/context";
import { useUi } from "../state/ui";

export function PythonDialog({ operator }: { operator: string | null }) {
  const { t } = useTranslation("editor");
  const store = useEditorStore();
  const about = useEditor((state) => (operator === null ? undefined : operatorOf(shownDag(state), operator)));
  const { data, error, refetch } = useQuery({
    queryKey: ["python", operator],
    // The document as it is now, whatever was made of it before.
    gcTime: 0, staleTime: 0, refetchOnWindowFocus: false,
    queryFn: async () => {
      const state = store.getState();
      return documentAsPython(state.viewed?.source ?? (await state.text()), state.dagId, operator);
    },
  });
  const copy = () => {
    if (!data) return;
    navigator.clipboard.writeText(data.script).then(() => say(t("python.copied"), "good"), () => say(t("python.notCopied"), "bad"));
  };
  const save = () => {
    if (data) download(fileName(store.getState(), "py"), new Blob([data.script], { type: "text/x-python" }));
  };
  return (
    <Dialog
      wide title={about ? t("python.titleOf", { name: about.cn_name ?? about.id }) : t("python.title")} description={t("python.about")} onClose={() => useUi.setState({ python: null })}
      foot={data ? <><Button icon={Copy} onClick={copy}>{t("python.copy")}</Button><Button primary icon={Download} onClick={save}>{t("python.save")}</Button></> : undefined}
    >
      {data ? <pre className="python-text mono" tabIndex={0} data-testid="python">{data.script}</pre> : error ? <Failure error={error} again={() => void refetch()} /> : <div className="empty"><Spinner /></div>}
    </Dialog>
  );
}
