"""What an estimator's docstring says: its first sentence, and a sentence per parameter."""

from __future__ import annotations

import inspect
import re

MAX_HELP_CHARS = 160
_ROLE = re.compile(r":\w+(?::\w+)?:`~?([^`<]*?)(?:\s*<[^`]*>)?`")
_DIRECTIVE = re.compile(r"\s*\.\. (versionadded|versionchanged|deprecated|note|warning|plot)::.*", re.S)


def summary(cls: type) -> str:
    """The first paragraph, as one line."""
    text = (inspect.getdoc(cls) or "").split("\n\n", 1)[0]
    return _clean(text)


def parameter_help(cls: type) -> dict[str, str]:
    """The first sentence on each parameter."""
    lines = (inspect.getdoc(cls) or "").splitlines()
    try:
        start = next(i for i, line in enumerate(lines) if line.strip() == "Parameters") + 2
    except StopIteration:
        return {}
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for at in range(start, len(lines)):
        line = lines[at]
        if at + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[at + 1].strip()):
            break
        named = re.match(r"([\w, *]+?)\s*:\s", line) if line and not line[0].isspace() else None
        if named:
            current = []
            for name in named.group(1).split(","):
                found[name.strip().lstrip("*")] = current
        elif line.strip() or current:
            current.append(line.strip())
    return {name: _sentence("\n".join(text)) for name, text in found.items()}


def _sentence(text: str) -> str:
    text = _clean(_DIRECTIVE.sub("", text.strip()).split("\n\n", 1)[0])
    first = re.split(r"(?<=[a-z\)`'\"0-9])\.\s+(?=[A-Z])", text, maxsplit=1)[0].rstrip(":")
    if len(first) > MAX_HELP_CHARS:
        first = first[: MAX_HELP_CHARS - 1].rsplit(" ", 1)[0] + "…"
    return first if first.endswith((".", "…")) or not first else first + "."


def _clean(text: str) -> str:
    text = _DIRECTIVE.sub("", text)
    text = _ROLE.sub(r"\1", text).replace("``", "`").replace("\\", "")
    return " ".join(text.split())
