"""A page of HTML in English and Chinese that stands alone: no script, nothing fetched; a switch shows one language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, NamedTuple

MAX_CELL_CHARS = 200
"""Longer texts in a cell are cut."""
STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.55 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;
max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{margin:.5rem 0}h2{margin-top:2rem;border-bottom:1px solid #8886}
table{border-collapse:collapse;margin:.5rem 0;display:block;overflow-x:auto}
th,td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #8883;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums}
.bar{height:.7em;fill:#3b7dd8}
.warning,.error{border-left:4px solid #c60;padding-left:.8rem}
#zh:not(:checked)~main .zh,#zh:checked~main .en{display:none}
"""


class Words(NamedTuple):
    """A text in both languages."""

    en: str
    zh: str


Cell = Words | str | int | float | None


def both(words: Words) -> str:
    """HTML of a text; the page's switch shows one language."""
    return (
        f'<span class="en" lang="en">{escape(words.en)}</span><span class="zh" lang="zh-CN">{escape(words.zh)}</span>'
    )


def page(title: str, sections: Iterable[tuple[Words, list[str]]], language: str = "en") -> str:
    """The whole page, first in `language`: `en` or `zh`; parts of sections are HTML already."""
    first, second = (" checked", "") if language == "en" else ("", " checked")
    parts = [
        f"<section><h2>{both(heading)}</h2>\n" + "\n".join(content) + "\n</section>" for heading, content in sections
    ]
    return "\n".join(
        [
            "<!doctype html>",
            '<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
            f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>",
            f'<input type="radio" name="language" id="en"{first}><label for="en">English</label>',
            f'<input type="radio" name="language" id="zh"{second}><label for="zh">中文</label>',
            f"<main><h1>{escape(title)}</h1>",
            *parts,
            "</main></body></html>\n",
        ]
    )


def paragraph(words: Words, kind: str = "") -> str:
    """A sentence; `kind` is `warning` or `error` for those to heed."""
    return f'<p class="{escape(kind)}">{both(words)}</p>' if kind else f"<p>{both(words)}</p>"


def table(header: Sequence[Words], rows: Iterable[Sequence[Cell]]) -> str:
    """A table of cells; numbers are aligned to the right, `None` is a dash."""
    head = "".join(f"<th>{both(words)}</th>" for words in header)
    body = "\n".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"


def bars(values: Sequence[tuple[str, float]]) -> str:
    """Names with a bar each, as long as its share of the largest; below zero there is none."""
    largest = max((value for _, value in values), default=0.0)
    rows = []
    for name, value in values:
        width = round(20 * max(0.0, value) / largest, 2) if largest > 0 else 0
        bar = f'<svg class="bar" width="20em" height="0.7em"><rect width="{width}em" height="100%"/></svg>'
        rows.append(f"<tr><td>{escape(_cut(name))}</td>{_cell(value)}<td>{bar}</td></tr>")
    return "<table><tbody>\n" + "\n".join(rows) + "\n</tbody></table>"


def _cell(value: Any) -> str:
    if isinstance(value, Words):
        return f"<td>{both(value)}</td>"
    if value is None:
        return '<td class="n">–</td>'
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"<td>{escape(_cut(str(value)))}</td>"
    return f'<td class="n">{value:,}</td>' if isinstance(value, int) else f'<td class="n">{value:.4g}</td>'


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CELL_CHARS else text[: MAX_CELL_CHARS - 1] + "…"
