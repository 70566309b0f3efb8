import { expect, test, vi } from "vitest";

/** The browser's stream, played by hand. */
class Stream extends EventTarget {
  static last: Stream;
  static readonly CLOSED = 2;
  readyState = 1;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(readonly url: string) {
    super();
    Stream.last = this;
  }

  say(name: string, data: string): void {
    this.dispatchEvent(new MessageEvent(name, { data }));
  }
}

test("events reach who listens; what was missed has everything read again", async () => {
  vi.stubGlobal("EventSource", Stream);
  const { listen, onReturn } = await import("./events");
  const heard: string[] = [];
  let returns = 0;
  listen((event) => heard.push(event.type));
  onReturn(() => (returns += 1));
  expect(Stream.last.url).toBe("/api/v1/events");
  Stream.last.say("run_ended", '{"type":"run_ended","run_id":"r","status":"success"}');
  Stream.last.say("run_ended", "no JSON");
  expect(heard).toEqual(["run_ended"]);
  expect(returns).toBe(0);
  Stream.last.say("missed", '{"type":"missed"}');
  expect(returns).toBe(1);
  Stream.last.onopen?.();
  expect(returns, "the first opening is no return").toBe(1);
  Stream.last.onerror?.();
  Stream.last.onopen?.();
  expect(returns).toBe(2);
});
