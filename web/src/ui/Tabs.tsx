// Tabs with their panels; only the shown panel exists.
import * as Radix from "@radix-ui/react-tabs";
import type { ReactNode } from "react";

export interface TabSpec {
  id: string;
  label: ReactNode;
  content: () => ReactNode;
}

interface TabsProps {
  label: string;
  tabs: readonly TabSpec[];
  value: string;
  onChange: (id: string) => void;
  /** Stands at the end of the row of tabs. */
  aside?: ReactNode;
}

export function Tabs({ label, tabs, value, onChange, aside }: TabsProps) {
  return (
    <Radix.Root className="tabs" value={value} onValueChange={onChange}>
      <div className="row tab-list">
        <Radix.List className="row grow" aria-label={label}>
          {tabs.map((tab) => (
            <Radix.Trigger key={tab.id} className="tab" value={tab.id} data-testid={`tab-${tab.id}`}>{tab.label}</Radix.Trigger>
          ))}
        </Radix.List>
        {aside}
      </div>
      {tabs.map((tab) => (
        <Radix.Content key={tab.id} className="tab-body" value={tab.id}>{tab.id === value ? tab.content() : null}</Radix.Content>
      ))}
    </Radix.Root>
  );
}
