// A field that isn't a parameter: text, or one of some words.
import { useEffect, useId, useState } from "react";

interface PlainFieldProps {
  label: string;
  help?: string;
  value: string;
  readOnly: boolean;
  /** `false` puts the old value back. */
  onCommit: (text: string) => boolean | void;
  options?: readonly string[];
  optionText?: (option: string) => string;
  check?: (text: string) => string | null;
  long?: boolean;
  placeholder?: string;
  testId?: string;
}

export function PlainField({ label, help, value, readOnly, onCommit, options, optionText, check, long, placeholder, testId }: PlainFieldProps) {
  const id = useId();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const fault = check?.(text.trim()) ?? null;
  const commit = (next: string) => {
    if (next === value || check?.(next)) return;
    if (onCommit(next) === false) setText(value);
  };
  const shared = { id, disabled: readOnly, "aria-describedby": `${id}-said`, "aria-invalid": fault ? true : undefined, "data-testid": testId } as const;
  return (
    <div className="field">
      <label htmlFor={id} className="field-label">{label}</label>
      {options ? (
        <select {...shared} className="input" value={value} onChange={(event) => commit(event.target.value)}>
          {options.map((option) => <option key={option} value={option}>{optionText?.(option) ?? option}</option>)}
        </select>
      ) : long ? (
        <textarea {...shared} className="input" rows={3} value={text} placeholder={placeholder} onChange={(event) => setText(event.target.value)} onBlur={() => commit(text.trim())} />
      ) : (
        <input
          {...shared} className="input" value={text} placeholder={placeholder} autoComplete="off" spellCheck={false}
          onChange={(event) => setText(event.target.value)} onBlur={() => commit(text.trim())}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.nativeEvent.isComposing && !event.ctrlKey && !event.metaKey) commit(text.trim());
            if (event.key === "Escape") setText(value);
          }}
        />
      )}
      <div id={`${id}-said`} className="field-said" aria-live="polite">{fault ? <span className="bad">{fault}</span> : help}</div>
    </div>
  );
}
