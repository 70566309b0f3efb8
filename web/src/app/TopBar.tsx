// The top bar: mark, what the page puts there, language and theme.
import { Languages, Moon, Sun, SunMoon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/i18n/language";
import { switchLanguage } from "@/i18n/setup";
import { Button, IconButton } from "@/ui/Button";
import { Menu, MenuItem } from "@/ui/Menu";
import { Mark } from "./Mark";
import { setSlot } from "./slot";
import { type ThemeChoice, useTheme } from "./theme";

const THEMES: { choice: ThemeChoice; icon: typeof Sun }[] = [
  { choice: "system", icon: SunMoon },
  { choice: "light", icon: Sun },
  { choice: "dark", icon: Moon },
];

export function TopBar() {
  const { t } = useTranslation("app");
  const language = useLanguage();
  const { choice, choose } = useTheme();
  const ThemeIcon = THEMES.find((theme) => theme.choice === choice)?.icon ?? SunMoon;
  return (
    <header className="topbar">
      <a className="mark" href="#/" aria-label={t("home")}>
        <Mark />
        <span>{t("name")}</span>
      </a>
      <div className="topbar-slot" ref={setSlot} />
      <Button plain icon={Languages} onClick={() => switchLanguage(language === "en" ? "zh" : "en")} aria-label={t("language.switch")} data-testid="language">
        {t("language.other")}
      </Button>
      <Menu align="end" trigger={<IconButton plain icon={ThemeIcon} label={t("theme.label")} data-testid="theme" />}>
        {THEMES.map((theme) => (
          <MenuItem key={theme.choice} icon={theme.icon} checked={theme.choice === choice} onSelect={() => choose(theme.choice)}>
            {t(`theme.${theme.choice}`)}
          </MenuItem>
        ))}
      </Menu>
    </header>
  );
}
