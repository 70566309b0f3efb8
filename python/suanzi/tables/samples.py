"""Sample tables that templates start from: made up, the same each time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from suanzi.tables.copying import write_arrow
from suanzi.tables.refusal import RefusalError
from suanzi.tables.source import Source

REVIEWS = 3_000

_SUBJECTS = ("the kettle", "this lamp", "the keyboard", "this chair", "the backpack", "this blender", "the headset")
_GOOD = ("works perfectly", "arrived early", "feels solid", "is easy to clean", "looks better than expected")
_BAD = ("broke within a week", "arrived damaged", "feels cheap", "is far too loud", "stopped charging")
_PRAISE = ("would buy again", "great value", "highly recommended", "very happy with it")
_BLAME = ("asked for a refund", "waste of money", "would not buy again", "support never answered")
_NEUTRAL = ("bought it for my sister", "the box was blue", "delivery took three days", "second one I own")


def write_sample(kind: str, out: Path) -> dict[str, Any]:
    """Writes the sample as an Arrow file. Gives what `write_arrow` gives."""
    if kind == "credit":
        from suanzi.demo_data import make

        table = pa.table({name: pa.array(values) for name, values in make().items()})
    elif kind == "reviews":
        table = reviews()
    else:
        raise RefusalError(f"there is no sample called '{kind}'", "credit and reviews are")
    return write_arrow(Source(table.schema, table, iter(table.to_batches()), whole=True), out)


def reviews(rows: int = REVIEWS, seed: int = 0) -> pa.Table:
    """Short product reviews with `stars` (1 to 5) and `positive` (0 or 1). Some say the opposite of what they mean."""
    import random

    rng = random.Random(seed)
    texts, stars, positive = [], [], []
    for _ in range(rows):
        good = rng.random() < 0.6
        honest = good if rng.random() < 0.93 else not good
        parts = [
            f"{rng.choice(_SUBJECTS)} {rng.choice(_GOOD if honest else _BAD)}",
            rng.choice(_PRAISE if honest else _BLAME) if rng.random() < 0.7 else rng.choice(_NEUTRAL),
        ]
        if rng.random() < 0.5:
            parts.append(rng.choice(_NEUTRAL))
        rng.shuffle(parts)
        texts.append(", ".join(parts))
        stars.append(rng.choice((4, 5)) if good else rng.choice((1, 2, 3)))
        positive.append(int(good))
    return pa.table({"review": texts, "stars": stars, "positive": positive})
