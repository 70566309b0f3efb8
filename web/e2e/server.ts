// The real program with a home of its own on a free port, ended by its own process id.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "..", "..");
const PROGRAM = process.env.SUANZI_BIN ?? join(ROOT, "target", "debug", "suanzi");
const PYTHON = process.env.SUANZI_PYTHON ?? join(ROOT, ".venv", "bin", "python");
const START_MS = 60_000;
const END_MS = 15_000;

export class Server {
  readonly home: string;
  private process: ChildProcess | null = null;
  private port = 0;
  private said = "";

  /** `place` is part of its home's name. */
  constructor(place = "") {
    this.home = mkdtempSync(join(tmpdir(), `suanzi-e2e-${place}-`));
  }

  /** Starts it; again on the same port after `stop`. Gives the address that signs in. */
  async start(args: string[] = []): Promise<string> {
    this.said = "";
    let out = "";
    const child = spawn(PROGRAM, ["serve", "--port", String(this.port), ...args], {
      env: { ...process.env, SUANZI_HOME: this.home, SUANZI_PYTHON: PYTHON },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = child;
    child.stderr?.on("data", (piece: Buffer) => { this.said += piece.toString(); });
    const url = await new Promise<string>((resolve_, reject) => {
      const timer = setTimeout(() => reject(new Error(`the server said no address within ${START_MS} ms: ${this.said}`)), START_MS);
      child.stdout?.on("data", (piece: Buffer) => {
        out += piece.toString();
        const found = /http:\/\/\S+/.exec(out);
        if (!found || !out.includes("\n")) return;
        clearTimeout(timer);
        resolve_(found[0]);
      });
      child.once("exit", (code) => {
        clearTimeout(timer);
        reject(new Error(`the server ended with ${code}: ${this.said}`));
      });
    });
    this.port = Number(new URL(url).port);
    return url;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The token that signs requests of tests in. */
  token(): string {
    return readFileSync(join(this.home, "token"), "utf8").trim();
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.process;
    this.process = null;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise<void>((resolve_) => child.once("exit", () => resolve_()));
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
    await ended;
    clearTimeout(timer);
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** A request beside the page, for setting up and for looking. */
  async api(method: string, path: string, body?: unknown, type = "application/json"): Promise<Response> {
    const answer = await fetch(`${this.origin}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token()}`, ...(body === undefined ? {} : { "content-type": type }) },
      body: body === undefined ? undefined : type === "application/json" ? JSON.stringify(body) : (body as BodyInit),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}
