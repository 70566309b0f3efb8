// Logs are read as a terminal would show them, and nothing in them reaches the page but text.
import { describe, expect, it } from "vitest";

import { pieces, plain } from "./ansi";

function check(line: string, expected: [string, string][]) {
  expect(pieces(line).map(({ text, style }) => [text, style])).toEqual(expected);
}

describe("pieces", () => {
  it("plain", () => {
    check("hello 世界", [["hello 世界", ""]]);
    check("", []);
  });
  it("colours and bold", () => {
    check("a\u001b[31mred\u001b[1m!\u001b[0m b", [["a", ""], ["red", "ansi-1"], ["!", "ansi-1 ansi-bold"], [" b", ""]]);
    check("\u001b[91mbright\u001b[39m", [["bright", "ansi-1"]]);
  });
  it("a progress bar shows its last state", () => {
    check("10%\r50%\r100%", [["100%", ""]]);
    check("windows\r", [["windows", ""]]);
  });
  it("drops what steers a terminal", () => {
    check("\u001b[2J\u001b[Hx\u001b]0;title\u0007y\u0000\u0007z", [["x", ""], ["yz", ""]]);
    check("\u001b]8;;http://a\u001b\\link", [["link", ""]]);
  });
});

it("plain text for saving", () => {
  expect(plain("1%\r\u001b[32mdone\u001b[0m\nnext")).toBe("done\nnext");
});
