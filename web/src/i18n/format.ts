// Numbers, times, sizes and durations as the shown language writes them.
import type { Language } from "./setup";

const LOCALE: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };

export function formatTime(language: Language, ms: number): string {
  return new Intl.DateTimeFormat(LOCALE[language], { dateStyle: "medium", timeStyle: "medium" }).format(ms);
}

/** `14:03:07.250`: for what follows within a second. */
export function formatClock(language: Language, ms: number): string {
  return new Intl.DateTimeFormat(LOCALE[language], { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hour12: false }).format(ms);
}

/** `3 minutes ago`; a date where it is longer than a week. */
export function formatAgo(language: Language, ms: number, nowMs: number = Date.now()): string {
  const seconds = Math.round((ms - nowMs) / 1000);
  const format = new Intl.RelativeTimeFormat(LOCALE[language], { numeric: "auto" });
  const size = Math.abs(seconds);
  if (size < 60) return format.format(seconds, "second");
  if (size < 3600) return format.format(Math.round(seconds / 60), "minute");
  if (size < 86_400) return format.format(Math.round(seconds / 3600), "hour");
  if (size < 7 * 86_400) return format.format(Math.round(seconds / 86_400), "day");
  return new Intl.DateTimeFormat(LOCALE[language], { dateStyle: "medium" }).format(ms);
}

export function formatNumber(language: Language, value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return numbers(language, {}).format(value);
  return numbers(language, { maximumSignificantDigits: digits }).format(value);
}

/** How a value moved: with its sign, in three digits. */
export function formatChange(language: Language, value: number): string {
  return numbers(language, { maximumSignificantDigits: 3, signDisplay: "always" }).format(value);
}

const made = new Map<string, Intl.NumberFormat>();

/** Making one takes longer than a hundred uses of it. */
function numbers(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  let format = made.get(key);
  if (!format) {
    format = new Intl.NumberFormat(LOCALE[language], options);
    made.set(key, format);
  }
  return format;
}

export function formatBytes(language: Language, bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${formatNumber(language, value, 3)} ${units[unit]}`;
}

/** `0.8 ms`, `12.3 s`, `4 min 10 s`. */
export function formatDuration(language: Language, us: number): string {
  const ms = us / 1000;
  if (ms < 1000) return `${formatNumber(language, ms, ms < 10 ? 2 : 3)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${formatNumber(language, seconds, 3)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
