// What the server says when it refuses: problem+json, or that it doesn't answer at all.
import type { Fault } from "./types";

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly faults: readonly Fault[];
  /** The whole body, for codes that say more. */
  readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>) {
    const text = (name: string) => (typeof body[name] === "string" ? (body[name] as string) : undefined);
    super(text("detail") ?? text("message") ?? text("title") ?? `HTTP ${status}`);
    this.name = "Problem";
    this.status = status;
    this.code = text("code") ?? "unknown";
    this.hint = text("hint");
    this.faults = Array.isArray(body.faults) ? (body.faults as Fault[]) : [];
    this.body = body;
  }
}

/** The server couldn't be reached: not running, or no network. */
export class Unreachable extends Error {
  constructor() {
    super("unreachable");
    this.name = "Unreachable";
  }
}
