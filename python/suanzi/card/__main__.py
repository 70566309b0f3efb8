"""Reads what is known of a version as JSON on standard input and writes its page: `suanzi models card` calls it.

{"language": "en" | "zh", "facts": …}, the facts as the crate `suanzi-report` writes them
"""

from __future__ import annotations

import json
import sys

from suanzi.card.sections import sections
from suanzi.operators.evaluate.card_page import page


def main() -> None:
    """The page on standard output."""
    request = json.load(sys.stdin)
    facts = request["facts"]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(page(f"{facts['name']} v{facts['version']}", sections(facts), request["language"]))


if __name__ == "__main__":
    main()
