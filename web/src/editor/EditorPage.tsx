// The editor of one DAG: reads it, then gives it to the parts of the window.
import { useQuery } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { useEffect, useState } from "react";
import { getDag } from "@/api/dags";
import { readDocument } from "@/api/documents";
import { useCatalogue } from "@/api/operators";
import { listRuns } from "@/api/runs";
import type { PageProps } from "@/app/pages";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import { Editor } from "./Editor";
import { EditorContext } from "./state/context";
import { keptDraft } from "./state/kept";
import { createEditor, type EditorStore } from "./state/store";
import type { Loaded } from "./state/types";
import { CLOSED, useUi } from "./state/ui";

/** The DAG with its newest draft, wherever that is kept, and its two newest runs. */
async function open(dagId: string): Promise<Loaded> {
  const [dag, runs] = await Promise.all([getDag(dagId), listRuns({ dag_id: dagId, limit: 2 })]);
  const kept = keptDraft(dagId);
  const mine = kept && (!dag.draft || kept.at_ms > dag.draft.updated_at_ms) && kept.version >= dag.version ? kept : null;
  const draft = mine ? mine.source : dag.draft?.source;
  const source = draft ?? dag.source;
  const [document, saved] = await Promise.all([readDocument(source), source === dag.source || dag.source === "" ? null : readDocument(dag.source)]);
  return {
    dagId, title: dag.title, version: dag.version, revision: dag.draft?.revision ?? 0, source, document, pending: mine?.pending ?? [],
    saved: { source: dag.source, dag: source === dag.source ? document.dag : (saved?.dag ?? null) },
    runId: runs.items[0]?.run_id ?? null,
    previousRunId: runs.items[1]?.run_id ?? null,
  };
}

export default function EditorPage({ params, query }: PageProps) {
  const dagId = params.dagId ?? "";
  const { data, error, refetch } = useQuery({
    queryKey: ["editor", dagId], queryFn: () => open(dagId), staleTime: Infinity, gcTime: 0, refetchOnWindowFocus: false, refetchOnReconnect: false,
  });
  const { catalogue } = useCatalogue();
  const [made, setMade] = useState<EditorStore | null>(null);
  const run = query.get("run");
  useEffect(() => {
    if (!data) return;
    const { store, dispose } = createEditor(data);
    setMade(store);
    useUi.setState(CLOSED);
    const first = run ?? data.runId;
    if (run) void store.getState().viewRun(run);
    else if (first) {
      store.setState({ runId: null });
      store.getState().showRun(first);
      // What the newest run changed is seen after a reload too.
      store.setState({ previousRunId: data.previousRunId });
    }
    return dispose;
  }, [data, run]);
  if (error) return <Failure error={error} again={() => void refetch()} />;
  if (!made) return <div className="empty"><Spinner /></div>;
  return (
    <EditorContext.Provider value={made}>
      <ReactFlowProvider>
        <Editor catalogue={catalogue} />
      </ReactFlowProvider>
    </EditorContext.Provider>
  );
}
