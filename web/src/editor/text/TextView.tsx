// The document as text: the second view of the same thing, with faults where they are.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Annotation, Compartment, EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Fault } from "@/api/types";
import { nonce } from "@/app/nonce";
import { Spinner } from "@/ui/Spinner";
import { useEditor, useEditorStore } from "../state/context";
import "./text.css";
import { told } from "@/i18n/faults";

/** The document changed elsewhere; it isn't typing. */
const fromOutside = Annotation.define<boolean>();

const highlight = HighlightStyle.define([
  { tag: tags.definition(tags.propertyName), color: "var(--accent-strong)" },
  { tag: tags.propertyName, color: "var(--accent-strong)" },
  { tag: tags.string, color: "var(--good)" },
  { tag: tags.number, color: "var(--port-metrics)" },
  { tag: tags.bool, color: "var(--port-model)" },
  { tag: tags.null, color: "var(--port-model)" },
  { tag: tags.keyword, color: "var(--port-model)" },
  { tag: tags.comment, color: "var(--text-3)", fontStyle: "italic" },
  { tag: tags.separator, color: "var(--text-3)" },
]);

export default function TextView() {
  const { t } = useTranslation("editor");
  const store = useEditorStore();
  const viewed = useEditor((state) => state.viewed);
  const source = useEditor((state) => state.viewed?.source ?? state.source);
  const faults = useEditor((state) => state.faults);
  const behind = useEditor((state) => state.pending.length > 0);
  const reading = useEditor((state) => state.reading);
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const editable = useRef(new Compartment());

  useEffect(() => {
    if (!host.current) return;
    const state = store.getState();
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: state.viewed?.source ?? state.source,
        extensions: [
          EditorView.cspNonce.of(nonce()),
          lineNumbers(), foldGutter(), lintGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(), highlightActiveLineGutter(),
          highlightSelectionMatches(), search({ top: true }), yaml(), syntaxHighlighting(highlight), EditorState.tabSize.of(1),
          keymap.of([indentWithTab, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap]),
          editable.current.of([EditorState.readOnly.of(state.viewed !== null)]),
          EditorView.contentAttributes.of({ "aria-label": "YAML" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !update.transactions.some((one) => one.annotation(fromOutside))) store.getState().setText(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    made.focus();
    return () => {
      view.current = null;
      made.destroy();
    };
  }, [store]);

  useEffect(() => {
    view.current?.dispatch({ effects: editable.current.reconfigure([EditorState.readOnly.of(viewed !== null)]) });
  }, [viewed]);

  useEffect(() => {
    const now = view.current;
    if (!now) return;
    const text = now.state.doc.toString();
    if (text === source) return;
    // Only what differs is replaced, so that the cursor and the folds stay.
    let from = 0;
    while (from < text.length && from < source.length && text[from] === source[from]) from += 1;
    let endOld = text.length;
    let endNew = source.length;
    while (endOld > from && endNew > from && text[endOld - 1] === source[endNew - 1]) {
      endOld -= 1;
      endNew -= 1;
    }
    now.dispatch({ changes: { from, to: endOld, insert: source.slice(from, endNew) }, annotations: fromOutside.of(true) });
  }, [source]);

  useEffect(() => {
    const now = view.current;
    if (now) now.dispatch(setDiagnostics(now.state, viewed ? [] : faults.flatMap((fault) => placed(now.state, fault))));
  }, [faults, source, viewed]);

  const errors = faults.filter((fault) => !fault.warning).length;
  return (
    <div className="text-view" data-testid="text-view">
      <div className="text-bar">
        {behind || reading ? <Spinner /> : null}
        <span className={errors > 0 ? "bad" : "muted"}>{viewed ? t("text.readOnly") : errors > 0 ? t("text.errors", { count: errors }) : t("text.fine")}</span>
      </div>
      <div ref={host} className="text-host" />
    </div>
  );
}

function placed(state: EditorState, fault: Fault): Diagnostic[] {
  const number = Math.min(Math.max(fault.line ?? 1, 1), state.doc.lines);
  const line = state.doc.line(number);
  const column = Math.max((fault.column ?? 1) - 1, 0);
  const from = Math.min(line.from + [...line.text].slice(0, column).join("").length, line.to);
  const word = /^[^\s,:[\]{}]+/.exec(line.text.slice(from - line.from))?.[0].length ?? 0;
  return [{ from, to: Math.min(from + Math.max(word, 1), line.to), severity: fault.warning ? "warning" : "error", message: fault.hint ? `${told(fault)}\n${fault.hint}` : told(fault) }];
}
