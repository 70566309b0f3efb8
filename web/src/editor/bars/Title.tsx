// The DAG's title, changed where it stands.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEditor } from "../state/context";

export function Title() {
  const { t } = useTranslation("editor");
  const title = useEditor((state) => state.title);
  const version = useEditor((state) => state.version);
  const rename = useEditor((state) => state.rename);
  const [text, setText] = useState<string | null>(null);
  const done = () => {
    const next = text?.trim();
    setText(null);
    if (next && next !== title) void rename(next);
  };
  if (text === null) {
    return version > 0 ? (
      <button type="button" className="bar-title clip" title={t("bar.rename")} onClick={() => setText(title)} data-testid="title">{title}</button>
    ) : <span className="bar-title clip" data-testid="title">{title}</span>;
  }
  return (
    <input
      className="input bar-title-input" autoFocus value={text} aria-label={t("bar.rename")} onChange={(event) => setText(event.target.value)} onBlur={done}
      onKeyDown={(event) => {
        if (event.key === "Enter" && !event.nativeEvent.isComposing) event.currentTarget.blur();
        if (event.key === "Escape") setText(null);
      }}
    />
  );
}
