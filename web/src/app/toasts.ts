// Short messages at the corner of the window: what went well, and problems with what to do about them.
import { create } from "zustand";
import { Problem, Unreachable } from "@/api/problem";
import { told } from "@/i18n/faults";

export interface Toast {
  id: number;
  kind: "good" | "bad" | "plain";
  text: string;
  hint?: string;
}

interface ToastState {
  toasts: Toast[];
}

const STAY_MS = 4_000;
const STAY_BAD_MS = 12_000;
const MOST = 4;
let last = 0;

export const useToasts = create<ToastState>(() => ({ toasts: [] }));

export function dismiss(id: number): void {
  useToasts.setState((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) }));
}

export function say(text: string, kind: Toast["kind"] = "plain", hint?: string): void {
  last += 1;
  const toast: Toast = { id: last, kind, text, hint };
  useToasts.setState((state) => {
    const others = state.toasts.filter((other) => other.text !== text);
    return { toasts: [...others, toast].slice(-MOST) };
  });
  setTimeout(() => dismiss(toast.id), kind === "bad" ? STAY_BAD_MS : STAY_MS);
}

/** Says what went wrong. The banner speaks for an absent server, and a closed page for nothing. */
export function complain(error: unknown): void {
  if (error instanceof Unreachable) return;
  if (error instanceof DOMException && error.name === "AbortError") return;
  if (error instanceof Problem) {
    if (error.status === 401) return;
    const first = error.faults.find((fault) => !fault.warning) ?? error.faults[0];
    const text = first ? `${told(error)}: ${told(first)}` : told(error);
    say(text, "bad", first?.hint ?? error.hint);
    return;
  }
  say(error instanceof Error ? error.message : String(error), "bad");
}
