// Notes on the canvas: written in place, moved by their grip, a step of the undo stack each.
import { ViewportPortal, useReactFlow } from "@xyflow/react";
import { GripHorizontal, X } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { GRID, type Point } from "@/graph/model";
import { type Note, changeNote, notesOf, removeNote } from "@/graph/notes";
import { IconButton } from "@/ui/Button";
import { isReadOnly, shownDag, useEditor, useEditorStore } from "../state/context";
import { useUi } from "../state/ui";

export function Notes() {
  const dag = useEditor(shownDag);
  const readOnly = useEditor(isReadOnly);
  const notes = notesOf(dag);
  if (notes.length === 0) return null;
  return <ViewportPortal>{notes.map(({ note, at }) => <Card key={at} note={note} at={at} readOnly={readOnly} />)}</ViewportPortal>;
}

const ARROWS: Record<string, Point> = { ArrowLeft: { x: -GRID, y: 0 }, ArrowRight: { x: GRID, y: 0 }, ArrowUp: { x: 0, y: -GRID }, ArrowDown: { x: 0, y: GRID } };

function Card({ note, at, readOnly }: { note: Note; at: number; readOnly: boolean }) {
  const { t } = useTranslation("editor");
  const store = useEditorStore();
  const { getZoom } = useReactFlow();
  const fresh = useUi((state) => state.freshNote === at);
  const [text, setText] = useState(note.text);
  const [moved, setMoved] = useState<Point | null>(null);
  const grabbed = useRef<Point | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => setText(note.text), [note.text]);
  useEffect(() => {
    if (!fresh) return;
    area.current?.focus({ preventScroll: true });
    useUi.setState({ freshNote: null });
  }, [fresh]);
  const change = (label: string, what: Partial<Note>) => {
    const { dag, edit } = store.getState();
    edit(label, changeNote(dag, at, what));
  };
  const onMove = (event: PointerEvent) => {
    if (!grabbed.current) return;
    const zoom = getZoom();
    setMoved({ x: (event.clientX - grabbed.current.x) / zoom, y: (event.clientY - grabbed.current.y) / zoom });
  };
  const drop = () => {
    if (moved) change("editor:step.moveNote", { x: note.x + moved.x, y: note.y + moved.y });
    grabbed.current = null;
    setMoved(null);
  };
  const onKey = (event: KeyboardEvent) => {
    const by = ARROWS[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    change("editor:step.moveNote", { x: note.x + by.x, y: note.y + by.y });
  };
  const place = { x: note.x + (moved?.x ?? 0), y: note.y + (moved?.y ?? 0) };
  return (
    <div className="note nopan nodrag nowheel" style={{ transform: `translate(${place.x}px, ${place.y}px)` }} data-testid={`note-${at}`} onDoubleClick={(event) => event.stopPropagation()}>
      {readOnly ? null : (
        <div className="note-head">
          <button
            type="button" className="note-grip" aria-label={t("note.move")} title={t("note.move")} data-testid={`note-grip-${at}`} onKeyDown={onKey}
            onPointerDown={(event) => { grabbed.current = { x: event.clientX, y: event.clientY }; event.currentTarget.setPointerCapture(event.pointerId); }}
            onPointerMove={onMove} onPointerUp={drop} onPointerCancel={drop}
          >
            <GripHorizontal size={14} aria-hidden />
          </button>
          <IconButton plain icon={X} label={t("note.remove")} className="note-remove" data-testid={`note-remove-${at}`} onClick={() => store.getState().edit("editor:step.removeNote", removeNote(store.getState().dag, at))} />
        </div>
      )}
      <textarea
        ref={area} className="note-text" value={text} readOnly={readOnly} rows={2} spellCheck={false} aria-label={t("note.label", { number: at + 1 })} placeholder={t("note.write")}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => change("editor:step.writeNote", { text })}
        onKeyDown={(event) => { if (event.key === "Escape") area.current?.blur(); }}
      />
    </div>
  );
}
