// Beside the pointer while an edge is drawn: why the port under it doesn't take it.
import { useConnection } from "@xyflow/react";
import { useTranslation } from "react-i18next";
import { portKey, useConnecting } from "./connecting";
import { portOf } from "./flow";
import { refusalText } from "./refusalText";

export function Refusal({ refusal }: { refusal: { current: string | null } }) {
  useTranslation("editor");
  const handle = useConnection((connection) => (connection.inProgress ? connection.toHandle : null));
  const x = useConnection((connection) => (connection.inProgress ? connection.pointer.x : 0));
  const y = useConnection((connection) => (connection.inProgress ? connection.pointer.y : 0));
  const verdict = useConnecting((state) => (handle ? state.verdicts.get(portKey(handle.nodeId, handle.type === "target" ? "in" : "out", portOf(handle.id))) : undefined));
  const text = verdict && !verdict.ok ? refusalText(verdict) : null;
  refusal.current = text;
  if (!text) return null;
  return <div className="refusal" role="status" style={{ transform: `translate(${x + 14}px, ${y + 14}px)` }}>{text}</div>;
}
