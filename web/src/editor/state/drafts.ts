// Drafts: the text as it is being drawn, kept in this browser at once and with the server soon.
import { dropDraft, saveDraft } from "@/api/dags";
import { Problem } from "@/api/problem";
import { complain } from "@/app/toasts";
import { forgetDraft, keepDraft } from "./kept";
import type { EditorState } from "./types";

const DRAFT_AFTER_MS = 700;

export interface DraftHost {
  get: () => EditorState;
  set: (part: Partial<EditorState>) => void;
  /** The server has a draft of another window. */
  conflict: () => Promise<void>;
}

export class Drafts {
  private readonly host: DraftHost;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private going: Promise<void> | null = null;

  constructor(host: DraftHost) {
    this.host = host;
  }

  /** The text changed. */
  changed(): void {
    const { source, dagId, version } = this.host.get();
    keepDraft(dagId, { source, pending: [], version, at_ms: Date.now() });
    this.host.set({ draftSaved: false });
    this.soon(DRAFT_AFTER_MS);
  }

  /** Without a server, changes can't become text: they are kept beside it. */
  keepPending(): void {
    const { source, pending, dagId, version } = this.host.get();
    keepDraft(dagId, { source, pending, version, at_ms: Date.now() });
  }

  isSending(): boolean {
    return this.going !== null;
  }

  /** When nothing is on its way. */
  async settled(): Promise<void> {
    await this.going;
  }

  /** The text became a version: there is no draft of it to send. */
  stop(): void {
    clearTimeout(this.timer);
  }

  /** Running and saving change what a draft stands on: they and a draft on its way wait for each other. */
  async put(): Promise<void> {
    const { submitting, saving } = this.host.get();
    if (this.going || submitting || saving) {
      this.soon(DRAFT_AFTER_MS);
      return;
    }
    this.going = this.send().finally(() => { this.going = null; });
    await this.going;
  }

  /** A run keeps its text as a version, but doesn't take the draft away. */
  clear(): void {
    const { dagId, revision } = this.host.get();
    forgetDraft(dagId);
    if (revision === 0) return;
    this.going = dropDraft(dagId)
      .then(() => this.host.set({ revision: 0 }))
      // It stays; the next draft replaces it.
      .catch(() => undefined)
      .finally(() => { this.going = null; });
  }

  /** After a time without a server. */
  async saveKept(): Promise<void> {
    const { dagId, revision, source } = this.host.get();
    try {
      const answer = await saveDraft(dagId, revision, source);
      this.host.set({ revision: answer.revision, draftSaved: true });
      forgetDraft(dagId);
    } catch {
      // The next change tries again.
    }
  }

  private soon(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.put(), ms);
  }

  private async send(): Promise<void> {
    const { dagId, source, revision, saved, conflict } = this.host.get();
    if (conflict || (source === saved.source && revision === 0)) return;
    try {
      const answer = await saveDraft(dagId, revision, source);
      const same = this.host.get().source === source;
      this.host.set({ revision: answer.revision, draftSaved: same });
      if (same) forgetDraft(dagId);
    } catch (error) {
      if (error instanceof Problem && error.status === 412) await this.host.conflict();
      else complain(error);
    }
  }
}
