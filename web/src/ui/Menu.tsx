// Menus below a button.
import * as Dropdown from "@radix-ui/react-dropdown-menu";
import { Check, type LucideIcon } from "lucide-react";
import type { ReactElement, ReactNode } from "react";

interface MenuProps {
  trigger: ReactElement;
  children: ReactNode;
  align?: "start" | "end" | "center";
}

export function Menu({ trigger, children, align = "start" }: MenuProps) {
  return (
    <Dropdown.Root>
      <Dropdown.Trigger asChild>{trigger}</Dropdown.Trigger>
      <Dropdown.Portal>
        <Dropdown.Content className="menu" align={align} sideOffset={4} collisionPadding={8}>
          {children}
        </Dropdown.Content>
      </Dropdown.Portal>
    </Dropdown.Root>
  );
}

interface MenuItemProps {
  children: ReactNode;
  onSelect: () => void;
  icon?: LucideIcon;
  keys?: string;
  disabled?: boolean;
  /** Present where one of several is chosen. */
  checked?: boolean;
  danger?: boolean;
  testId?: string;
}

export function MenuItem({ children, onSelect, icon: Icon, keys, disabled, checked, danger, testId }: MenuItemProps) {
  return (
    <Dropdown.Item className={danger ? "menu-item bad" : "menu-item"} onSelect={onSelect} disabled={disabled} data-testid={testId}>
      {Icon ? <Icon size={15} aria-hidden /> : null}
      <span className="grow">{children}</span>
      {keys ? <span className="keys">{keys}</span> : null}
      {checked ? <Check size={15} aria-hidden /> : null}
    </Dropdown.Item>
  );
}

export function MenuLine() {
  return <Dropdown.Separator className="menu-line" />;
}
