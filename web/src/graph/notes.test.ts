import { describe, expect, it } from "vitest";
import { applyEdits } from "./apply";
import { EMPTY } from "./model";
import { addNote, changeNote, notesOf, removeNote } from "./notes";

const after = (dag: typeof EMPTY, edits: Parameters<typeof applyEdits>[1]) => applyEdits(dag, edits).dag;

describe("notes", () => {
  it("are added, changed, moved and taken away", () => {
    const one = after(EMPTY, addNote(EMPTY, { text: "读我", x: 1.6, y: -2.4 }));
    expect(notesOf(one)).toEqual([{ text: "读我", x: 2, y: -2 }]);
    const two = after(one, addNote(one, { text: "b", x: 0, y: 0 }));
    const changed = after(two, changeNote(two, 1, { text: "c" }));
    expect(notesOf(changed).map((note) => note.text)).toEqual(["读我", "c"]);
    const moved = after(changed, changeNote(changed, 0, { x: 5, y: 6 }));
    expect(notesOf(moved)[0]).toEqual({ text: "读我", x: 5, y: 6 });
    const left = after(moved, removeNote(moved, 0));
    expect(notesOf(left)).toEqual([{ text: "c", x: 0, y: 0 }]);
    expect(after(left, removeNote(left, 0)).notes).toBeUndefined();
  });

  it("are taken back as any other edit", () => {
    const { dag, inverse } = applyEdits(EMPTY, addNote(EMPTY, { text: "a", x: 0, y: 0 }));
    expect(after(dag, inverse).notes).toBeUndefined();
  });

  it("make no step where nothing changes", () => {
    const dag = after(EMPTY, addNote(EMPTY, { text: "a", x: 0, y: 0 }));
    expect(changeNote(dag, 0, { x: 0.2 })).toEqual([]);
    expect(changeNote(dag, 7, { x: 1 })).toEqual([]);
    expect(removeNote(dag, 1)).toEqual([]);
  });

  it("that can't be drawn are left to the server's word", () => {
    expect(notesOf({ ...EMPTY, notes: "x" })).toEqual([]);
    expect(notesOf({ ...EMPTY, notes: [{ text: "a", x: 0 }, null, { text: "b", x: 1, y: 2 }] })).toEqual([{ text: "b", x: 1, y: 2 }]);
  });
});
