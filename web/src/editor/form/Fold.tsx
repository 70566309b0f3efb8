// A part of a form that is folded away; whether it is open is remembered.
import { ChevronDown, ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import { recall, remember } from "@/app/remembered";

export function Fold({ name, label, forced, children }: { name: string; label: string; forced?: boolean; children: ReactNode }) {
  const [open, setOpen] = useState(recall(`fold.${name}`) === "open");
  const shown = open || forced === true;
  return (
    <div className="fold">
      <button type="button" className="fold-head" aria-expanded={shown} data-testid={`fold-${name}`} onClick={() => { setOpen(!open); remember(`fold.${name}`, open ? "closed" : "open"); }}>
        {shown ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
        {label}
      </button>
      {shown ? <div className="fold-body">{children}</div> : null}
    </div>
  );
}
