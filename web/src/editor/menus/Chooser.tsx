// A field above a list: typing narrows it, arrows move, Enter takes.
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

export interface Choice {
  id: string;
  content: ReactNode;
  take: () => void;
}

interface ChooserProps {
  label: string;
  choices: (query: string) => readonly Choice[];
  onClose: () => void;
  testId: string;
}

const MOST = 60;

export function Chooser({ label, choices, onClose, testId }: ChooserProps) {
  const { t } = useTranslation("editor");
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const found = choices(query).slice(0, MOST);
  const current = Math.min(at, Math.max(found.length - 1, 0));
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [current, query]);
  const take = (choice: Choice | undefined) => {
    if (!choice) return;
    onClose();
    choice.take();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown") setAt(Math.min(current + 1, found.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(current - 1, 0));
    else if (event.key === "Enter") take(found[current]);
    else if (event.key === "Escape") onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <input
        className="input chooser-input" autoFocus value={query} placeholder={label} aria-label={label} role="combobox" aria-expanded aria-controls={`${testId}-list`} aria-activedescendant={found[current] ? `${testId}-${current}` : undefined}
        onChange={(event) => { setQuery(event.target.value); setAt(0); }} onKeyDown={onKeyDown} data-testid={testId}
      />
      <div className="chooser-list" role="listbox" id={`${testId}-list`} aria-label={label} ref={list}>
        {found.map((choice, index) => (
          <div
            key={choice.id} id={`${testId}-${index}`} role="option" aria-selected={index === current} className={index === current ? "menu-item chooser-current" : "menu-item"}
            onPointerMove={() => setAt(index)} onClick={() => take(choice)} data-testid={`choice-${choice.id}`}
          >
            {choice.content}
          </div>
        ))}
        {found.length === 0 ? <div className="menu-label">{t("chooser.none")}</div> : null}
      </div>
    </>
  );
}
