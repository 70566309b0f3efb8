// Durations and memory sizes as people write them in a DAG: `90`, `500ms`, `1h30m`; `512MiB`, `2g`. The same rules as the server's.

const UNITS_MS: Record<string, number> = { ms: 1, s: 1_000, sec: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds; null where it is no duration. */
export function parseDurationMs(given: unknown): number | null {
  if (typeof given === "number") return Number.isFinite(given) && given >= 0 ? given * 1_000 : null;
  if (typeof given !== "string") return null;
  const text = given.trim();
  if (/^\d+(\.\d*)?$/.test(text)) return Number(text) * 1_000;
  let total = 0;
  let lastUnit = Infinity;
  let rest = text;
  while (rest !== "") {
    const found = /^(\d+(?:\.\d*)?)([a-z]+)\s*/.exec(rest);
    const unit = UNITS_MS[found?.[2] ?? ""];
    if (!found || unit === undefined || unit >= lastUnit) return null;
    lastUnit = unit;
    total += Number(found[1]) * unit;
    rest = rest.slice(found[0].length);
  }
  return text === "" ? null : total;
}

/** The shortest exact form: `90s`, `1500ms`. */
export function writeDuration(ms: number): string {
  for (const [unit, size] of [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000], ["s", 1_000]] as const) {
    if (ms !== 0 && ms % size === 0) return `${ms / size}${unit}`;
  }
  return ms === 0 ? "0s" : `${ms}ms`;
}

const UNITS_BYTES: Record<string, number> = {
  "": 1, b: 1, k: 2 ** 10, ki: 2 ** 10, kib: 2 ** 10, m: 2 ** 20, mi: 2 ** 20, mib: 2 ** 20, g: 2 ** 30, gi: 2 ** 30, gib: 2 ** 30,
  t: 2 ** 40, ti: 2 ** 40, tib: 2 ** 40, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12,
};

/** Bytes; null where it is no size. */
export function parseMemoryBytes(given: unknown): number | null {
  if (typeof given === "number") return Number.isFinite(given) && given >= 0 ? given : null;
  if (typeof given !== "string") return null;
  const found = /^(\d+(?:\.\d*)?)\s*([a-z]*)$/.exec(given.trim().toLowerCase());
  const unit = UNITS_BYTES[found?.[2] ?? "?"];
  return found && unit !== undefined ? Number(found[1]) * unit : null;
}

/** The largest binary unit that divides it. */
export function writeMemory(bytes: number): string {
  for (const [unit, size] of [["TiB", 2 ** 40], ["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]] as const) {
    if (bytes !== 0 && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}
