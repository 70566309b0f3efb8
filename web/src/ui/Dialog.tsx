// Dialogs over the page.
import * as Radix from "@radix-ui/react-dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./Button";

interface DialogProps {
  title: string;
  /** Read out with the title. */
  description?: string;
  onClose: () => void;
  children: ReactNode;
  foot?: ReactNode;
  wide?: boolean;
}

export function Dialog({ title, description, onClose, children, foot, wide }: DialogProps) {
  const { t } = useTranslation("app");
  return (
    <Radix.Root open onOpenChange={(open) => { if (!open) onClose(); }}>
      <Radix.Portal>
        <Radix.Overlay className="veil" />
        <Radix.Content className={wide ? "dialog dialog-wide" : "dialog"} {...(description ? {} : { "aria-describedby": undefined })}>
          <div className="dialog-head">
            <Radix.Title className="grow clip" asChild><h2>{title}</h2></Radix.Title>
            <Radix.Close asChild><IconButton plain icon={X} label={t("close")} /></Radix.Close>
          </div>
          <div className="dialog-body">
            {description ? <Radix.Description className="muted">{description}</Radix.Description> : null}
            {children}
          </div>
          {foot ? <div className="dialog-foot">{foot}</div> : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
