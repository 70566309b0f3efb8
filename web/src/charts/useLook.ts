// How charts look on this page now: theme, language, numbers.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useTheme } from "@/app/theme";
import { formatNumber } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";

import type { Look } from "./drawing";
import { paletteAt } from "./palette";

export function useLook(): Look {
  const { t } = useTranslation("charts");
  const language = useLanguage();
  const theme = useTheme((state) => state.theme);
  return useMemo(() => {
    // The tokens follow the theme: it is an input although it isn't named below.
    void theme;
    const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
    return {
      palette: paletteAt(document.documentElement),
      words: (key, values) => t(key, values ?? {}),
      number: (value) => formatNumber(language, value),
      percent: (value) => percent.format(value),
    };
  }, [t, language, theme]);
}
