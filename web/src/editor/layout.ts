// Automatic layout in a worker, and as one step.
import i18next from "i18next";
import { say } from "@/app/toasts";
import { type Positions, graphOf, layoutEdits } from "@/graph/layout";
import type { EditorStore } from "./state/store";
import { useUi } from "./state/ui";

export async function autoLayout(store: EditorStore): Promise<void> {
  const { dag } = store.getState();
  const worker = new Worker(new URL("../graph/layout.worker.ts", import.meta.url), { type: "module" });
  try {
    const positions = await new Promise<Positions>((resolve, reject) => {
      worker.onmessage = (message: MessageEvent<Positions>) => resolve(message.data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(graphOf(dag));
    });
    const now = store.getState();
    const edits = layoutEdits(now.dag, positions);
    if (edits.length === 0) say(i18next.t("editor:layout.already"), "plain");
    else now.edit("editor:step.layout", edits);
    useUi.getState().control?.fit();
  } finally {
    worker.terminate();
  }
}
