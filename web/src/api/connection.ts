// Whether the server answers. Any request may find out that it doesn't; one watcher then asks until it does again.
import { create } from "zustand";

interface Connection {
  online: boolean;
  /** Rises with each return, for what must be read again. */
  returns: number;
}

export const useConnection = create<Connection>(() => ({ online: true, returns: 0 }));

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;
let watching = false;

export function lost(): void {
  if (useConnection.getState().online) useConnection.setState({ online: false });
  if (watching) return;
  watching = true;
  void watch();
}

async function watch(): Promise<void> {
  let wait = FIRST_WAIT_MS;
  while (!(await answers())) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(wait * 1.6, LONGEST_WAIT_MS);
  }
  watching = false;
  useConnection.setState((state) => ({ online: true, returns: state.returns + 1 }));
}

async function answers(): Promise<boolean> {
  try {
    return (await fetch("/healthz", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}
