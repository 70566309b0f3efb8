// Adding operators: from the palette, on an edge, at the end of an edge.
import { useCallback } from "react";
import type { EdgeModel, Edit, OperatorKind } from "@/api/types";
import { say } from "@/app/toasts";
import { connect, inputFor, insertOnEdge, newOperator, outputFor } from "@/graph/connect";
import { IdMaker } from "@/graph/ids";
import { applyEdits } from "@/graph/apply";
import { type Catalogue, NODE_HEIGHT, NODE_WIDTH, type Point, positionOf } from "@/graph/model";
import i18next from "i18next";
import { useEditorStore } from "../state/context";
import type { From } from "./connecting";

export interface Adding {
  kind: OperatorKind;
  /** The middle of the new node. */
  at: Point;
  into?: EdgeModel | null;
  from?: From | null;
  /** Besides what the kind begins with. */
  params?: Readonly<Record<string, unknown>>;
}

export function useAdding(catalogue: Catalogue): (adding: Adding) => string | null {
  const store = useEditorStore();
  return useCallback(
    ({ kind, at, into, from, params }) => {
      const { dag, dagId, edit, select } = store.getState();
      const id = new IdMaker(dag.operators.map((operator) => operator.id), dagId, Date.now()).make(kind.algo_name);
      const place = free(dag.operators.map(positionOf), { x: at.x - NODE_WIDTH / 2, y: at.y - NODE_HEIGHT / 2 });
      const made = newOperator(kind, id, into ? { x: at.x - NODE_WIDTH / 2, y: at.y - NODE_HEIGHT / 2 } : place);
      const operator = { ...made, params: { ...made.params, ...params } };
      let edits: Edit[] | null = [{ type: "add_operator", operator }];
      if (into) edits = insertOnEdge(dag, catalogue, operator, into, true) ?? edits;
      if (from) {
        const withNew = applyEdits(dag, edits).dag;
        const other = dag.operators.find((one) => one.id === from.id);
        const otherKind = other && catalogue.get(other.algo_name);
        const type = (from.side === "out" ? otherKind?.outputs[from.port]?.type : otherKind?.inputs[Math.min(from.port, (otherKind?.inputs.length ?? 1) - 1)]?.type) ?? "any";
        const port = from.side === "out" ? inputFor(kind, type) : outputFor(kind, type);
        if (port >= 0) {
          const edge =
            from.side === "out"
              ? { source: from.id, source_index: from.port, target: id, target_index: port }
              : { source: id, source_index: port, target: from.id, target_index: from.port };
          const drawn = connect(withNew, catalogue, edge);
          if (drawn.verdict.ok) edits = [...edits, ...drawn.edits];
        }
      }
      if (!edit("editor:step.add", edits)) return null;
      select({ operators: new Set([id]), edges: new Set() });
      if (!kind.available) say(i18next.t("editor:palette.notInstalled", { name: kind.algo_name }), "plain", kind.install);
      return id;
    },
    [catalogue, store],
  );
}

/** Beside what stands there already. */
function free(taken: readonly Point[], wanted: Point): Point {
  let at = wanted;
  for (let step = 0; step < 50; step += 1) {
    const here = at;
    if (!taken.some((other) => Math.abs(other.x - here.x) < 24 && Math.abs(other.y - here.y) < 24)) return at;
    at = { x: at.x + 30, y: at.y + 30 };
  }
  return at;
}
