// An operator on the canvas: its name, its category, its state and its ports.
import { Handle, type NodeProps, Position } from "@xyflow/react";
import { Ban, CircleCheck, CircleDashed, CircleX, Clock3, LoaderCircle, type LucideIcon, RotateCw, TriangleAlert, X, Zap } from "lucide-react";
import { memo } from "react";
import i18next from "i18next";
import type { InputPort, OutputPort } from "@/api/types";
import { chosen, useLanguage } from "@/i18n/language";
import { formatBytes, formatDuration } from "@/i18n/format";
import type { Language } from "@/i18n/setup";
import { type NodeLook, type Shown, useLook } from "../state/looks";
import { portKey, useConnecting } from "./connecting";
import type { OperatorFlowNode } from "./flow";
import { categoryIcon } from "./icons";
import { inputs, outputs, portAt } from "./geometry";
import { namesOf } from "./names";

const STATES: Partial<Record<Shown, LucideIcon>> = {
  waiting: Clock3,
  running: LoaderCircle,
  retrying: RotateCw,
  success: CircleCheck,
  cached: Zap,
  failed: CircleX,
  skipped: CircleDashed,
  cancelled: Ban,
};

/** As the hook's `t`, without its cost; the language is watched by `useLanguage`. */
const t = (key: string, values?: Record<string, unknown>): string => i18next.t(`editor:${key}`, values ?? {});

/** What earlier runs let one expect of time and memory. */
function expected(language: Language, { expected_ms, expected_bytes }: NodeLook): string {
  const time = expected_ms === null ? "" : ` ${formatDuration(language, expected_ms * 1000)}`;
  return expected_bytes === null ? time : `${time} · ${formatBytes(language, expected_bytes)}`;
}

export const OperatorNode = memo(function OperatorNode({ id, data, selected }: NodeProps<OperatorFlowNode>) {
  const language = useLanguage();
  const look = useLook(id);
  const { operator, kind } = data;
  const { title, second } = namesOf(operator, kind, language);
  const Icon = categoryIcon(kind?.category);
  const StateIcon = STATES[look.status];
  const word = t(`state.${look.status}`);
  const names = ["node", `node-${look.status}`, selected && "node-selected", look.disabled && "node-disabled", look.errors > 0 && "node-faulty", look.verdict && `node-plan-${look.verdict}`];
  return (
    <div className={names.filter(Boolean).join(" ")} data-status={look.status} data-testid={`node-${id}`} title={look.message || undefined} role="group" aria-label={t("node.label", { name: title, state: word })}>
      <span className="node-icon"><Icon size={17} strokeWidth={1.75} aria-hidden /></span>
      <span className="node-names">
        <span className="node-title clip" title={title}>{title}</span>
        {look.verdict ? (
          // Beside the node it would lie over the next one.
          <span className={`node-plan plan-${look.verdict} clip`}>
            {t(`plan.${look.verdict}`)}
            {look.verdict.startsWith("will_run") ? expected(language, look) : ""}
          </span>
        ) : <span className="node-second clip">{look.disabled ? t("node.disabled") : second}</span>}
      </span>
      {look.status === "stale" ? <span className="node-dot" aria-label={word} /> : null}
      {StateIcon ? <StateIcon className={`node-state${look.status === "running" ? " turning" : ""}`} size={16} aria-label={word} /> : null}
      {look.progress !== null ? <span className="node-progress"><span style={{ width: `${Math.round(look.progress * 100)}%` }} /></span> : null}
      {look.errors > 0 || look.warnings > 0 ? (
        <span className={look.errors > 0 ? "node-badge node-badge-error" : "node-badge node-badge-warning"} aria-label={look.errors > 0 ? t("node.errors") : t("node.warnings")}>
          {look.errors > 0 ? <X size={12} strokeWidth={3} aria-hidden /> : <TriangleAlert size={12} strokeWidth={2.25} aria-hidden />}
        </span>
      ) : null}
      <Ports id={id} side="in" count={inputs(kind)} ports={kind?.inputs} />
      <Ports id={id} side="out" count={outputs(kind)} ports={kind?.outputs} />
    </div>
  );
});

function Ports({ id, side, count, ports }: { id: string; side: "in" | "out"; count: number; ports: readonly (InputPort | OutputPort)[] | undefined }) {
  return Array.from({ length: count }, (_, index) => <Port key={index} id={id} side={side} index={index} count={count} port={ports?.[index]} />);
}

function Port({ id, side, index, count, port }: { id: string; side: "in" | "out"; index: number; count: number; port: InputPort | OutputPort | undefined }) {
  const language = useLanguage();
  const lit = useConnecting((state) => {
    if (!state.from) return "";
    if (state.from.side === side) return state.from.id === id && state.from.port === index ? " port-from" : " port-dim";
    return state.verdicts.get(portKey(id, side, index))?.ok ? " port-lit" : " port-dim";
  });
  const type = port?.type ?? "any";
  const doc = chosen(language, port?.doc_en, port?.doc_zh);
  return (
    <Handle
      id={`${side}-${index}`}
      type={side === "in" ? "target" : "source"}
      position={side === "in" ? Position.Top : Position.Bottom}
      className={`port port-${type}${lit}`}
      style={{ left: portAt(count, index, side).x }}
      title={`${port?.name ?? index} · ${t(`port.${type}`)}${doc ? `\n${doc}` : ""}`}
      data-testid={`port-${id}-${side}-${index}`}
    />
  );
}
