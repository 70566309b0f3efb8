// A page may put its own things into the top bar, between the mark and the switches.
import { createPortal } from "react-dom";
import { create } from "zustand";
import type { ReactNode } from "react";

export const useSlot = create<{ element: HTMLElement | null }>(() => ({ element: null }));

export function setSlot(element: HTMLElement | null): void {
  useSlot.setState({ element });
}

export function InTopBar({ children }: { children: ReactNode }): ReactNode {
  const element = useSlot((state) => state.element);
  return element ? createPortal(children, element) : null;
}
