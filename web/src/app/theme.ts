// Light and dark: the system's unless the user chose, and remembered.
import { create } from "zustand";
import { recall, remember } from "./remembered";

export type ThemeChoice = "system" | "light" | "dark";
export type Theme = "light" | "dark";

const system = window.matchMedia("(prefers-color-scheme: dark)");

function kept(): ThemeChoice {
  const value = recall("theme");
  return value === "light" || value === "dark" ? value : "system";
}

function resolved(choice: ThemeChoice): Theme {
  if (choice !== "system") return choice;
  return system.matches ? "dark" : "light";
}

interface ThemeState {
  choice: ThemeChoice;
  /** What is shown; things drawn on a canvas watch it to draw anew. */
  theme: Theme;
  choose: (choice: ThemeChoice) => void;
}

export const useTheme = create<ThemeState>((set) => ({
  choice: kept(),
  theme: resolved(kept()),
  choose: (choice) => {
    remember("theme", choice);
    set({ choice, theme: resolved(choice) });
  },
}));

function show(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}

show(useTheme.getState().theme);
useTheme.subscribe((state) => show(state.theme));
system.addEventListener("change", () => {
  const { choice } = useTheme.getState();
  useTheme.setState({ theme: resolved(choice) });
});
