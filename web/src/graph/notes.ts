// Notes that people wrote on the canvas: a list in the document, changed as a whole.
import type { DagModel, Edit } from "@/api/types";
import type { Point } from "./model";

export interface Note extends Point {
  text: string;
}

/** Those that can be drawn; what else the text has in their place, the server complains of. */
export function notesOf(dag: DagModel): Note[] {
  if (!Array.isArray(dag.notes)) return [];
  return dag.notes.filter(isNote);
}

function isNote(value: unknown): value is Note {
  if (typeof value !== "object" || value === null) return false;
  const { text, x, y } = value as Record<string, unknown>;
  return typeof text === "string" && Number.isFinite(x) && Number.isFinite(y);
}

function withNotes(notes: readonly Note[]): Edit[] {
  return [{ type: "set_dag_field", field: "notes", value: notes.length > 0 ? notes : null }];
}

export function addNote(dag: DagModel, note: Note): Edit[] {
  return withNotes([...notesOf(dag), rounded(note)]);
}

/** No edits where nothing changes. */
export function changeNote(dag: DagModel, at: number, change: Partial<Note>): Edit[] {
  const notes = notesOf(dag);
  const before = notes[at];
  if (!before) return [];
  const after = rounded({ ...before, ...change });
  if (after.text === before.text && after.x === before.x && after.y === before.y) return [];
  return withNotes(notes.with(at, after));
}

export function removeNote(dag: DagModel, at: number): Edit[] {
  const notes = notesOf(dag);
  return at < notes.length ? withNotes(notes.toSpliced(at, 1)) : [];
}

/** Places in whole pixels, as those of operators. */
function rounded(note: Note): Note {
  return { text: note.text, x: Math.round(note.x), y: Math.round(note.y) };
}
