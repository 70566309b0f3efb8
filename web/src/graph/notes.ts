// Notes that people wrote on the canvas: a list in the document, changed as a whole.
import type { DagModel, Edit } from "@/api/types";
import type { Point } from "./model";

export interface Note extends Point {
  text: string;
}

/** A note with its place in the document's list. */
export interface Listed {
  note: Note;
  at: number;
}

/** Null where the text has something else than a list. */
function listOf(dag: DagModel): readonly unknown[] | null {
  const { notes } = dag;
  return notes === undefined || notes === null ? [] : Array.isArray(notes) ? notes : null;
}

/** Those that can be drawn; of the others the server complains, and they stay as they are written. */
export function notesOf(dag: DagModel): Listed[] {
  return (listOf(dag) ?? []).flatMap((note, at) => (isNote(note) ? [{ note, at }] : []));
}

/** Where the next note would stand; null where there is no room for one. */
export function nextNote(dag: DagModel): number | null {
  return listOf(dag)?.length ?? null;
}

function isNote(value: unknown): value is Note {
  if (typeof value !== "object" || value === null) return false;
  const { text, x, y } = value as Record<string, unknown>;
  return typeof text === "string" && Number.isFinite(x) && Number.isFinite(y);
}

function withNotes(notes: readonly unknown[]): Edit[] {
  return [{ type: "set_dag_field", field: "notes", value: notes.length > 0 ? notes : null }];
}

export function addNote(dag: DagModel, note: Note): Edit[] {
  const list = listOf(dag);
  return list ? withNotes([...list, rounded(note)]) : [];
}

/** No edits where nothing changes. */
export function changeNote(dag: DagModel, at: number, change: Partial<Note>): Edit[] {
  const list = listOf(dag) ?? [];
  const before = list[at];
  if (!isNote(before)) return [];
  const after = rounded({ ...before, ...change });
  if (after.text === before.text && after.x === before.x && after.y === before.y) return [];
  return withNotes(list.with(at, after));
}

export function removeNote(dag: DagModel, at: number): Edit[] {
  const list = listOf(dag) ?? [];
  return at < list.length ? withNotes(list.toSpliced(at, 1)) : [];
}

/** Places in whole pixels, as those of operators. What else the text says of a note stays. */
function rounded(note: Note): Note {
  return { ...note, x: Math.round(note.x), y: Math.round(note.y) };
}
