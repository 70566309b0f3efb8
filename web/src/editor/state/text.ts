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
  answer: Promise<Answer>;
  /** The answer, once it is there. */
  ready: Answer | null;
}

type Answer = { source: string; document: DocumentView };

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
    const ready = this.speculated(source, edits)?.ready;
    if (ready) {
      this.speculation = null;
      this.remember(dag, ready.source, ready.document);
      this.host.taken(ready, edits);
      return;
    }
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

  isSettled(): boolean {
    this.push();
    return this.going === null && this.host.now().pending.length === 0;
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
    const speculation: Speculation = { base: source, edits: words, answer: editDocument(source, edits), ready: null };
    speculation.answer.then(
      (answer) => { speculation.ready = answer; },
      () => {
        // Said when the edit is really made.
        if (this.speculation === speculation) this.speculation = null;
      },
    );
    this.speculation = speculation;
  }

  private speculated(source: string, edits: readonly Edit[]): Speculation | null {
    const made = this.speculation;
    return made && made.base === source && made.edits === JSON.stringify(edits) ? made : null;
  }

  private answerTo(source: string, edits: readonly Edit[]): Promise<Answer> {
    const made = this.speculated(source, edits);
    this.speculation = null;
    return made ? made.answer : editDocument(source, edits);
  }
}
