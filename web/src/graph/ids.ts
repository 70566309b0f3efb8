// Ids of new operators, in the style of the seed's: `algo_local_read_file_45_1517360824080` is a kind, its DAG and a time in milliseconds.

const MOST_OF_KIND = 120;

export class IdMaker {
  private readonly taken: Set<string>;
  private readonly dagMark: string;
  private last: number;

  constructor(taken: Iterable<string>, dagId: string, nowMs: number) {
    this.taken = new Set(taken);
    this.dagMark = dagId.replace(/[^A-Za-z0-9]/g, "").slice(-8) || "1";
    this.last = Math.floor(nowMs) - 1;
  }

  make(algoName: string): string {
    let id: string;
    do {
      this.last += 1;
      id = `${algoName.slice(0, MOST_OF_KIND)}_${this.dagMark}_${this.last}`;
    } while (this.taken.has(id));
    this.taken.add(id);
    return id;
  }
}
