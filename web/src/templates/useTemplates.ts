// The templates there are, and beginning a DAG with one.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { keys, queries } from "@/api/queries";
import { listTemplates, takeTemplate, type Template } from "@/api/templates";
import { go, to } from "@/app/router";
import { complain } from "@/app/toasts";

export function useTemplates(): { templates: readonly Template[]; busy: boolean; start: (id: string) => Promise<void> } {
  const [busy, setBusy] = useState(false);
  const { data } = useQuery({ queryKey: keys.templates, queryFn: listTemplates, staleTime: Infinity });
  const start = async (id: string) => {
    setBusy(true);
    try {
      const { dag_id: dagId } = await takeTemplate(id);
      await Promise.all([queries.invalidateQueries({ queryKey: keys.dags }), queries.invalidateQueries({ queryKey: keys.datasets })]);
      go(to("/dags/:dagId", { dagId }));
    } catch (problem) {
      complain(problem);
    } finally {
      setBusy(false);
    }
  };
  return { templates: data?.items ?? [], busy, start };
}
