import { describe, expect, it } from "vitest";
import { applyEdits } from "./apply";
import { EMPTY } from "./model";
import { addNote, changeNote, nextNote, notesOf, removeNote } from "./notes";

const after = (dag: typeof EMPTY, edits: Parameters<typeof applyEdits>[1]) => applyEdits(dag, edits).dag;

describe("notes", () => {
  it("are added, changed, moved and taken away", () => {
    const one = after(EMPTY, addNote(EMPTY, { text: "读我", x: 1.6, y: -2.4 }));
    expect(notesOf(one)).toEqual([{ note: { text: "读我", x: 2, y: -2 }, at: 0 }]);
    const two = after(one, addNote(one, { text: "b", x: 0, y: 0 }));
    const changed = after(two, changeNote(two, 1, { text: "c" }));
    expect(notesOf(changed).map(({ note }) => note.text)).toEqual(["读我", "c"]);
    const moved = after(changed, changeNote(changed, 0, { x: 5, y: 6 }));
    expect(notesOf(moved)[0]?.note).toEqual({ text: "读我", x: 5, y: 6 });
    const left = after(moved, removeNote(moved, 0));
    expect(notesOf(left)).toEqual([{ note: { text: "c", x: 0, y: 0 }, at: 0 }]);
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

  it("that can't be drawn stay as they are written", () => {
    const odd = { ...EMPTY, notes: [{ text: "a", x: 0 }, null, { text: "b", x: 1, y: 2, colour: "red" }] };
    expect(notesOf(odd).map(({ at }) => at)).toEqual([2]);
    const changed = after(odd, changeNote(odd, 2, { text: "c" }));
    expect(changed.notes).toEqual([{ text: "a", x: 0 }, null, { text: "c", x: 1, y: 2, colour: "red" }]);
    expect(after(changed, addNote(changed, { text: "d", x: 0, y: 0 })).notes).toHaveLength(4);
    const text = { ...EMPTY, notes: "x" };
    expect([notesOf(text), nextNote(text), addNote(text, { text: "a", x: 0, y: 0 })]).toEqual([[], null, []]);
  });
});
