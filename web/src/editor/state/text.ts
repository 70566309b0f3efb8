// Keeps the document's text up with its edits: one request at a time, begun at once, everything that gathers meanwhile in the next.
import { editDocument } from "@/api/documents";
import { Unreachable } from "@/api/problem";
import type { DagModel, DocumentView, Edit } from "@/api/types";

export interface TextHost {
  now: () => { dag: DagModel; source: string; pending: readonly Edit[] };
  /** `edits` have gone into the text. */
  taken: (answer: { source: string; document: DocumentView }, edits: readonly Edit[]) => void;
  refused: (error: unknown) => void;
}

interface Known {
  source: string;
  document: DocumentView | null;
}

interface Speculation {
  base: string;
  edits: string;
  answer: Promise<{ source: string; document: DocumentView }>;
}

export class TextSync {
  /** Texts of documents that are known, so that undo gives back every comment. */
  private readonly known = new WeakMap<DagModel, Known>();
  private readonly host: TextHost;
  private generation = 0;
  private going: Promise<void> | null = null;
  private speculation: Speculation | null = null;

  constructor(host: TextHost) {
    this.host = host;
  }

  remember(dag: DagModel, source: string, document: DocumentView | null): void {
    this.known.set(dag, { source, document });
  }

  recall(dag: DagModel): Known | undefined {
    return this.known.get(dag);
  }

  /** The text was replaced: what is on its way is of another. */
  replaced(): void {
    this.generation += 1;
    this.going = null;
    this.speculation = null;
  }

  /** Begins to bring the text up to date. */
  push(): void {
    if (this.going || this.host.now().pending.length === 0) return;
    const { dag, source, pending } = this.host.now();
    const generation = this.generation;
    const edits = pending.slice();
    this.going = this.answerTo(source, edits)
      .then((answer) => {
        if (generation !== this.generation) return;
        this.going = null;
        this.remember(dag, answer.source, answer.document);
        this.host.taken(answer, edits);
        this.push();
      })
      .catch((error: unknown) => {
        if (generation !== this.generation) return;
        this.going = null;
        this.host.refused(error);
      });
  }

  /** Resolves once the text says everything; rejects where the server is away. */
  async settled(): Promise<void> {
    this.push();
    while (this.going) await this.going;
    if (this.host.now().pending.length > 0) throw new Unreachable();
  }

  speculate(edits: readonly Edit[]): void {
    const { source, pending } = this.host.now();
    if (this.going || pending.length > 0) return;
    const words = JSON.stringify(edits);
    if (this.speculation?.base === source && this.speculation.edits === words) return;
    const answer = editDocument(source, edits);
    answer.catch(() => {
      // Said when the edit is really made.
      this.speculation = null;
    });
    this.speculation = { base: source, edits: words, answer };
  }

  private answerTo(source: string, edits: readonly Edit[]): Promise<{ source: string; document: DocumentView }> {
    const ready = this.speculation;
    this.speculation = null;
    if (ready && ready.base === source && ready.edits === JSON.stringify(edits)) return ready.answer;
    return editDocument(source, edits);
  }
}
