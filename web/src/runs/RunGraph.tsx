// The DAG of a run as it was, each operator in the colour of its state; a click chooses one. To be looked at only: the editor's canvas is for drawing.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { LiveTask } from "@/api/live";
import type { Catalogue } from "@/api/operators";
import type { DagModel } from "@/api/types";
import { edgePath } from "@/editor/canvas/geometry";
import { namesOf } from "@/editor/canvas/names";
import { boundsOf, wires } from "@/editor/canvas/paint";
import { NODE_HEIGHT, NODE_WIDTH, edgeKey, positionOf } from "@/graph/model";
import { useLanguage } from "@/i18n/language";

interface Props {
  dag: DagModel;
  catalogue: Catalogue;
  tasks: ReadonlyMap<string, LiveTask>;
  selected: string | null;
  onSelect: (operator: string) => void;
}

const PAD = 14;
/** Nothing is drawn larger than on the canvas. */
const MOST_SCALE = 1;
const MOST_HEIGHT = 420;
/** What a title has room for, in letters of the Latin alphabet; Chinese ones are twice as wide. */
const LETTERS = 21;

export function RunGraph({ dag, catalogue, tasks, selected, onSelect }: Props) {
  const { t } = useTranslation("runs");
  const language = useLanguage();
  const box = useMemo(() => boundsOf(dag), [dag]);
  const lines = useMemo(() => wires(dag, catalogue).map((wire) => ({ key: edgeKey(wire.edge), path: edgePath(wire.from, wire.to) })), [dag, catalogue]);
  const [width, height] = [box.width + 2 * PAD, box.height + 2 * PAD];
  return (
    <svg
      className="run-graph" viewBox={`${box.x - PAD} ${box.y - PAD} ${width} ${height}`} role="group" aria-label={t("graph")} data-testid="run-graph"
      style={{ maxWidth: width * MOST_SCALE, maxHeight: Math.min(height * MOST_SCALE, MOST_HEIGHT) }}
    >
      {lines.map(({ key, path }) => <path key={key} className="run-wire" d={path} />)}
      {dag.operators.map((operator) => {
        const { x, y } = positionOf(operator);
        // A run of a part has no task for the rest.
        const status = tasks.get(operator.id)?.status ?? "left";
        const { title } = namesOf(operator, catalogue.get(operator.algo_name), language);
        const word = status === "left" ? t("editor:plan.not_selected") : t(`state.${status}`);
        const choose = () => onSelect(operator.id);
        return (
          <g
            key={operator.id} className="run-node" data-status={status} data-testid={`run-node-${operator.id}`} transform={`translate(${x} ${y})`} role="button" tabIndex={0}
            aria-pressed={operator.id === selected} aria-label={t("editor:node.label", { name: title, state: word })} onClick={choose}
            onKeyDown={(event) => {
              if (event.key !== "Enter" && event.key !== " ") return;
              event.preventDefault();
              choose();
            }}
          >
            <title>{`${title} · ${word}\n${operator.id}`}</title>
            <rect className="run-node-box" width={NODE_WIDTH} height={NODE_HEIGHT} rx={8} />
            <rect className="run-node-state" width={6} height={NODE_HEIGHT - 12} x={6} y={6} rx={3} />
            <text x={20} y={NODE_HEIGHT / 2 - 3}>{fitting(title)}</text>
            <text className="run-node-word" x={20} y={NODE_HEIGHT / 2 + 13}>{word}</text>
          </g>
        );
      })}
    </svg>
  );
}

/** SVG doesn't cut text that is too long. */
function fitting(title: string): string {
  let room = LETTERS;
  let shown = "";
  for (const letter of title) {
    room -= /\p{Script=Han}/u.test(letter) ? 2 : 1;
    if (room < 0) return `${shown.trimEnd()}…`;
    shown += letter;
  }
  return shown;
}
