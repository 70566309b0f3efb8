// Requests to the server: the session's CSRF header, problems as errors, and the way to the sign-in page.
import { lost } from "./connection";
import { Problem, Unreachable } from "./problem";
import type { SessionView } from "./types";

const CSRF_HEADER = "x-csrf-token";
let csrf: Promise<string> | null = null;
/** What `csrf` gave: a request that need not wait leaves before the page is drawn anew. */
let known: string | null = null;

/** Where a page that isn't signed in goes. */
export function signIn(): void {
  window.location.assign("/login");
}

async function sessionCsrf(): Promise<string> {
  const response = await raw("/api/v1/session", {});
  if (!response.ok) await refuse(response);
  return ((await response.json()) as SessionView).csrf;
}

/** Asked for early, so that the first change doesn't wait for it. */
export function warmSession(): void {
  if (csrf) return;
  const asked = sessionCsrf();
  csrf = asked;
  asked.then(
    (token) => {
      if (csrf === asked) known = token;
    },
    () => forget(),
  );
}

function forget(): void {
  csrf = null;
  known = null;
}

async function raw(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    lost();
    throw new Unreachable();
  }
}

async function refuse(response: Response): Promise<never> {
  let body: Record<string, unknown> = {};
  try {
    body = (await response.json()) as Record<string, unknown>;
  } catch {
    // An answer that isn't JSON has a status at least.
  }
  if (response.status === 401) {
    forget();
    signIn();
  }
  throw new Problem(response.status, body);
}

/** What a request that changes something must carry besides; for those that `fetch` can't make, such as uploads that tell how far they are. */
export async function changeHeaders(): Promise<Record<string, string>> {
  warmSession();
  return { [CSRF_HEADER]: await (csrf ?? sessionCsrf()) };
}

export interface RequestOptions {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  body?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** An answer of any kind; refusals are thrown as [`Problem`], silence as [`Unreachable`]. */
export async function request(path: string, options: RequestOptions = {}): Promise<Response> {
  const method = options.method ?? "GET";
  const headers: Record<string, string> = { ...options.headers };
  let body = options.body;
  if (options.json !== undefined) {
    headers["content-type"] = "application/json";
    body = JSON.stringify(options.json);
  }
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined && value !== "") search.set(name, String(value));
  }
  const address = `/api/v1${path}${search.size > 0 ? `?${search}` : ""}`;
  if (method !== "GET") {
    if (known !== null) headers[CSRF_HEADER] = known;
    else Object.assign(headers, await changeHeaders());
  }
  const response = await raw(address, { method, headers, body, signal: options.signal });
  if (response.status === 403 && method !== "GET") {
    // The session may be another one by now, signed in again in a second tab.
    forget();
  }
  if (!response.ok) await refuse(response);
  return response;
}

export async function json<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await request(path, options);
  return (await response.json()) as T;
}

/** For routes that answer nothing. */
export async function nothing(path: string, options: RequestOptions): Promise<void> {
  await request(path, options);
}

/** A part of an address. */
export function part(text: string | number): string {
  return encodeURIComponent(text);
}
