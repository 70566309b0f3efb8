// Values as a table shows them.

const LONGEST = 160;

/** Text as it is, anything else as JSON; cut where it is long. */
export function shortly(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
