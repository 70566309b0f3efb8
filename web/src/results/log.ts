// The log of an attempt as it grows: read by the piece once the attempt has ended, streamed while it runs.
import { useEffect, useState } from "react";
import { getLog, logStreamAddress } from "@/api/tasks";

export interface LogState {
  text: string;
  /** Everything there is has come. */
  ended: boolean;
  /** More is there than is held here; it can be saved whole. */
  cut: boolean;
  error: unknown;
  /** The stream broke and the browser tries again. */
  broken: boolean;
}

const PIECE_BYTES = 1 << 20;
/** Of text held for showing; the beginning goes first. */
const MAX_HELD_CHARS = 4 << 20;
const EMPTY: LogState = { text: "", ended: false, cut: false, error: null, broken: false };

/** `running` decides between reading and streaming; `attempt` 0 has no log. */
export function useLog(runId: string, operator: string, attempt: number, running: boolean): LogState {
  const [state, setState] = useState(EMPTY);
  useEffect(() => {
    setState(EMPTY);
    if (attempt === 0) return;
    return running ? stream(runId, operator, attempt, setState) : read(runId, operator, attempt, setState);
  }, [runId, operator, attempt, running]);
  return state;
}

type Change = (change: (state: LogState) => LogState) => void;

function appended(state: LogState, text: string): LogState {
  const whole = state.text + text;
  if (whole.length <= MAX_HELD_CHARS) return { ...state, text: whole };
  const kept = whole.slice(-MAX_HELD_CHARS);
  return { ...state, cut: true, text: kept.slice(kept.indexOf("\n") + 1) };
}

function read(runId: string, operator: string, attempt: number, change: Change): () => void {
  const stop = new AbortController();
  void (async () => {
    try {
      for await (const text of pieces(runId, operator, attempt, stop.signal)) change((state) => appended(state, text));
      change((state) => ({ ...state, ended: true }));
    } catch (error) {
      if (!stop.signal.aborted) change((state) => ({ ...state, error }));
    }
  })();
  return () => stop.abort();
}

/** The log piece by piece, to where it ends now. */
async function* pieces(runId: string, operator: string, attempt: number, signal: AbortSignal): AsyncGenerator<string> {
  let offset = 0;
  for (;;) {
    const piece = await getLog(runId, operator, { attempt, offset, limit: PIECE_BYTES }, signal);
    if (piece.text !== "") yield piece.text;
    if (piece.ended || piece.next <= offset) return;
    offset = piece.next;
  }
}

/** All of it, for saving. */
export async function wholeLog(runId: string, operator: string, attempt: number): Promise<string> {
  const parts: string[] = [];
  for await (const text of pieces(runId, operator, attempt, new AbortController().signal)) parts.push(text);
  return parts.join("");
}

function stream(runId: string, operator: string, attempt: number, change: Change): () => void {
  const source = new EventSource(logStreamAddress(runId, operator, attempt));
  // Pieces are put on the page together, once for each frame.
  let waiting = "";
  let frame = 0;
  let next = 0;
  const show = () => {
    frame = 0;
    const text = waiting;
    waiting = "";
    change((state) => ({ ...appended(state, text), broken: false }));
  };
  source.addEventListener("chunk", (event: MessageEvent<string>) => {
    let chunk: { offset: number; text: string };
    try {
      chunk = JSON.parse(event.data) as typeof chunk;
    } catch {
      return;
    }
    // A stream that was taken up again may begin anew.
    if (chunk.offset < next) return;
    next = chunk.offset + 1;
    waiting += chunk.text;
    frame ||= requestAnimationFrame(show);
  });
  source.addEventListener("end", () => {
    source.close();
    change((state) => ({ ...state, ended: true }));
  });
  source.onerror = () => change((state) => ({ ...state, broken: true }));
  return () => {
    source.close();
    cancelAnimationFrame(frame);
  };
}
