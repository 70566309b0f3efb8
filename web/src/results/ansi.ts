// Text of a log without what would steer a terminal: colours become classes, everything else is left out.

export interface Piece {
  text: string;
  /** Such as `ansi-31 ansi-bold`; empty for plain text. */
  style: string;
}

/** CSI and OSC sequences and single escapes; the second group is an SGR's numbers. */
const ESCAPE = /\u001b(?:\[([0-9;:]*)m|\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** What a terminal would show of a line: a carriage return begins it anew, as progress bars do. */
export function lastOverwrite(line: string): string {
  const trimmed = line.endsWith("\r") ? line.slice(0, -1) : line;
  return trimmed.slice(trimmed.lastIndexOf("\r") + 1);
}

/** Pieces of one line in their styles. */
export function pieces(line: string): Piece[] {
  const shown = lastOverwrite(line);
  const found: Piece[] = [];
  let [colour, bold, at] = ["", false, 0];
  const put = (text: string) => {
    const clean = text.replace(CONTROL, "");
    if (clean === "") return;
    found.push({ text: clean, style: [colour, bold ? "ansi-bold" : ""].filter(Boolean).join(" ") });
  };
  for (const match of shown.matchAll(ESCAPE)) {
    put(shown.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[1] === undefined) continue;
    for (const code of match[1].split(/[;:]/).map(Number)) {
      if (code === 0) [colour, bold] = ["", false];
      else if (code === 1) bold = true;
      else if (code === 22) bold = false;
      else if (code === 39) colour = "";
      else if (code >= 30 && code <= 37) colour = `ansi-${code - 30}`;
      else if (code >= 90 && code <= 97) colour = `ansi-${code - 90}`;
    }
  }
  put(shown.slice(at));
  return found;
}

/** The whole as plain text, for copying and saving. */
export function plain(text: string): string {
  return text
    .split("\n")
    .map((line) => lastOverwrite(line).replace(ESCAPE, "").replace(CONTROL, ""))
    .join("\n");
}
