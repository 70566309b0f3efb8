// Buttons: with text, or an icon alone that says its name on hover and to screen readers.
import type { LucideIcon } from "lucide-react";
import type { ComponentPropsWithRef, ReactNode } from "react";
import { Tip } from "./Tip";

interface ButtonProps extends ComponentPropsWithRef<"button"> {
  icon?: LucideIcon;
  primary?: boolean;
  danger?: boolean;
  plain?: boolean;
  children?: ReactNode;
}

export function Button({ icon: Icon, primary, danger, plain, children, className, ...rest }: ButtonProps) {
  const names = ["button", primary && "button-primary", danger && "button-danger", plain && "button-plain", className];
  return (
    <button type="button" className={names.filter(Boolean).join(" ")} {...rest}>
      {Icon ? <Icon size={15} aria-hidden /> : null}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonProps, "children" | "icon"> {
  icon: LucideIcon;
  label: string;
  /** Shown in the tip: the keys that do the same. */
  keys?: string;
}

export function IconButton({ icon: Icon, label, keys, primary, danger, plain, className, ...rest }: IconButtonProps) {
  const names = ["button", "button-icon", primary && "button-primary", danger && "button-danger", plain && "button-plain", className];
  return (
    <Tip text={label} keys={keys}>
      <button type="button" className={names.filter(Boolean).join(" ")} aria-label={label} {...rest}>
        <Icon size={16} aria-hidden />
      </button>
    </Tip>
  );
}
