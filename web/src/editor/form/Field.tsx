// One parameter: its label, its control, its help and what is wrong with it, said while it is typed.
import { RotateCcw } from "lucide-react";
import { type KeyboardEvent, type ReactNode, memo, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ParamSpec } from "@/api/types";
import { checkParam } from "@/graph/params";
import { chosen, useLanguage } from "@/i18n/language";
import { IconButton } from "@/ui/Button";
import { Columns } from "./Columns";
import { Dataset } from "./Dataset";
import { faultText } from "./faultText";
import { fromText, isDefault, toText } from "./values";

export interface FieldProps {
  spec: ParamSpec;
  value: unknown;
  columns: readonly string[];
  readOnly: boolean;
  /** `undefined` takes the parameter away. */
  onCommit: (value: unknown) => void;
  /** A value that is likely to be committed. */
  onTyping: (value: unknown) => void;
  /** Enter: what was typed applies and runs. */
  onEnter: () => void;
}

interface ParamFieldProps extends Omit<FieldProps, "onCommit" | "onTyping"> {
  onCommit: (name: string, value: unknown) => void;
  onTyping: (name: string, value: unknown) => void;
}

/** A field that is drawn anew only with its own value: the form around it follows every event of a run. */
export const ParamField = memo(function ParamField({ onCommit, onTyping, ...rest }: ParamFieldProps) {
  const { name } = rest.spec;
  return <Field {...rest} onCommit={(value) => onCommit(name, value)} onTyping={(value) => onTyping(name, value)} />;
});

export function Field(props: FieldProps) {
  const { spec, value, readOnly, onCommit } = props;
  const { t } = useTranslation("editor");
  const language = useLanguage();
  const id = useId();
  const [typed, setTyped] = useState<unknown>(value);
  useEffect(() => setTyped(value), [value]);
  const fault = checkParam(spec, typed);
  const label = chosen(language, spec.label_en, spec.label_zh) || spec.name;
  const help = chosen(language, spec.help_en, spec.help_zh);
  return (
    <div className={fault ? "field field-faulty" : "field"} data-param={spec.name}>
      <div className="field-head">
        <label htmlFor={id} className="field-label" title={spec.name}>
          {label}
          {spec.required ? <span className="bad" aria-label={t("form.required")}> *</span> : null}
        </label>
        <span className="field-name mono">{spec.name}</span>
        {!spec.required && value !== undefined && !readOnly ? (
          <IconButton plain icon={RotateCcw} label={t("form.reset", { name: label })} className="field-reset" onClick={() => onCommit(undefined)} disabled={isDefault(spec, value) && spec.default !== null && value === undefined} />
        ) : null}
      </div>
      <Control {...props} id={id} faulty={fault !== null} describedBy={`${id}-said`} onTyped={setTyped} />
      <div id={`${id}-said`} className="field-said" aria-live="polite">
        {fault ? <span className="bad">{faultText(fault)}</span> : help ? <span>{help}</span> : null}
      </div>
    </div>
  );
}

interface ControlProps extends FieldProps {
  id: string;
  faulty: boolean;
  describedBy: string;
  onTyped: (value: unknown) => void;
}

function Control(props: ControlProps): ReactNode {
  const { spec, value, id, readOnly, faulty, describedBy, onCommit } = props;
  const { t } = useTranslation("editor");
  const marks = { id, disabled: readOnly, "aria-invalid": faulty || undefined, "aria-describedby": describedBy };
  switch (spec.kind) {
    case "boolean": {
      const options = spec.nullable || spec.default === null ? [null, true, false] : [true, false];
      const now = value === undefined ? spec.default : value;
      return (
        <select {...marks} className="input" value={JSON.stringify(now ?? null)} onChange={(event) => onCommit(JSON.parse(event.target.value))}>
          {options.map((option) => <option key={String(option)} value={JSON.stringify(option)}>{t(option === null ? "form.unset" : option ? "form.yes" : "form.no")}</option>)}
        </select>
      );
    }
    case "choice": {
      const choices = spec.choices ?? [];
      const now = value === undefined ? spec.default : value;
      const known = choices.some((choice) => JSON.stringify(choice) === JSON.stringify(now ?? null));
      return (
        <select {...marks} className="input" value={JSON.stringify(now ?? null)} onChange={(event) => onCommit(JSON.parse(event.target.value))}>
          {known ? null : <option value={JSON.stringify(now ?? null)}>{now === null || now === undefined ? t("form.choose") : String(now)}</option>}
          {choices.map((choice) => <option key={JSON.stringify(choice)} value={JSON.stringify(choice)}>{choice === null ? t("form.unset") : String(choice)}</option>)}
        </select>
      );
    }
    case "columns":
      return <Columns {...props} />;
    case "dataset":
      return <Dataset {...props} />;
    default:
      return <TextControl {...props} long={spec.kind === "code" || spec.kind === "map"} />;
  }
}

export function TextControl({ spec, value, id, readOnly, faulty, describedBy, columns, long, onCommit, onTyped, onTyping, onEnter }: ControlProps & { long: boolean }) {
  const { t } = useTranslation("editor");
  const [text, setText] = useState(() => toText(spec, value));
  const committed = useRef(value);
  useEffect(() => {
    committed.current = value;
    setText(toText(spec, value));
  }, [spec, value]);
  const commit = () => {
    const next = fromText(spec, text);
    if (JSON.stringify(next) === JSON.stringify(committed.current)) return;
    committed.current = next;
    onCommit(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && (!long || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
      commit();
      onEnter();
    }
    if (event.key === "Escape") {
      const back = toText(spec, value);
      setText(back);
      onTyped(value);
    }
  };
  const shared = {
    id, disabled: readOnly, value: text, placeholder: spec.default === null || spec.default === undefined ? (spec.required ? "" : t("form.unset")) : toText(spec, spec.default),
    "aria-invalid": faulty || undefined, "aria-describedby": describedBy, spellCheck: false, autoComplete: "off",
    onBlur: commit, onKeyDown,
    onChange: (event: { target: { value: string } }) => {
      setText(event.target.value);
      const next = fromText(spec, event.target.value);
      onTyped(next);
      if (checkParam(spec, next) === null) onTyping(next);
    },
  };
  if (long) return <textarea {...shared} className="input mono" rows={spec.kind === "code" ? 10 : 3} />;
  const suggestions = spec.kind === "column" ? columns : (spec.choices ?? []).map(String);
  return (
    <>
      <input {...shared} className="input" list={suggestions.length > 0 ? `${id}-list` : undefined} inputMode={spec.kind === "integer" || spec.kind === "number" ? "decimal" : undefined} />
      {suggestions.length > 0 ? <datalist id={`${id}-list`}>{suggestions.map((one) => <option key={one} value={one} />)}</datalist> : null}
    </>
  );
}
