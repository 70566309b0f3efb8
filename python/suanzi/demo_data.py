"""Makes synthetic credit data with the columns of the mission's DAG: `python -m suanzi.demo_data OUT.csv`.

Nobody's real data: customers are drawn at random, with scales, correlations and a share of defaults as such data has.
The repayment status steps rather than slopes into risk, so trees find more in it than a linear model.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

DEFAULT_ROWS = 30_000
MAX_ROWS = 10_000_000
MONTHS = 6
LIMIT_STEP = 10_000
LARGEST_LIMIT = 1_000_000
STATUS_COLUMNS = ("PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6")
LABEL = "next_month"


def make(rows: int = DEFAULT_ROWS, seed: int = 0) -> dict[str, np.ndarray]:
    """Columns by name, all integers; about 22 % of the rows have `next_month` 1. The same seed gives the same rows."""
    import numpy as np

    rng = np.random.default_rng(seed)
    strain = rng.normal(size=rows)
    """How hard it is for the customer to pay; nobody sees it directly."""
    age = np.clip(np.round(21 + rng.gamma(2.4, 6.0, rows)), 21, 79)
    wealth = rng.normal(size=rows) + 0.025 * (age - 35)
    limit = np.exp(11.75 + 0.62 * wealth - 0.34 * strain)
    limit = np.clip(np.round(limit / LIMIT_STEP), 1, LARGEST_LIMIT / LIMIT_STEP) * LIMIT_STEP
    columns: dict[str, np.ndarray] = {
        "LIMIT_BAL": limit,
        "SEX": 1 + (rng.random(rows) < 0.6),
        "EDUCATION": np.clip(np.round(rng.normal(1.85 - 0.15 * wealth, 0.75, rows)), 1, 4),
        "MARRIAGE": 2 - (rng.random(rows) < 1 / (1 + np.exp(-(age - 35) / 6))) + (rng.random(rows) < 0.01),
        "AGE": age,
    }
    status = _statuses(rng, strain)
    bills = _bills(rng, strain, limit)
    columns.update({name: status[month] for month, name in enumerate(STATUS_COLUMNS)})
    columns.update({f"BILL_AMT{month + 1}": bills[month] for month in range(MONTHS)})
    paid = _payments(rng, strain, bills, limit)
    columns.update({f"PAY_AMT{month + 1}": paid[month] for month in range(MONTHS)})
    columns[LABEL] = rng.random(rows) < _risk(limit, status, bills, paid)
    return {name: np.asarray(values).astype(np.int64) for name, values in columns.items()}


def _statuses(rng: np.random.Generator, strain: np.ndarray) -> np.ndarray:
    """Months in arrears by month, newest first: -2 unused, -1 paid in full, 0 revolving, 1 and more late."""
    import numpy as np

    rows = len(strain)
    habit = strain + rng.normal(scale=0.7, size=rows)
    status = np.empty((MONTHS, rows))
    unused = rng.random(rows) < 0.12
    for month in reversed(range(MONTHS)):
        feel = habit + rng.normal(scale=0.55, size=rows)
        level = np.select([feel < -0.95, feel < 1.28, feel < 1.42], [-1.0, 0.0, 1.0], 2.0)
        longer = (feel > 2.7) * np.minimum(np.floor((feel - 2.7) * 4 + 1), 6)
        status[month] = np.where(unused & (level < 1), -2.0, level + longer)
    return status


def _bills(rng: np.random.Generator, strain: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Statement amounts by month, newest first."""
    import numpy as np

    rows = len(limit)
    use = 1 / (1 + np.exp(-(-1.1 + 0.75 * strain + rng.normal(scale=1.3, size=rows))))
    bills = np.empty((MONTHS, rows))
    level = use
    for month in range(MONTHS):
        bills[month] = np.round(limit * level)
        level = np.clip(level * rng.normal(0.96, 0.13, rows), -0.03, 1.25)
    return bills


def _payments(rng: np.random.Generator, strain: np.ndarray, bills: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Amounts paid by month, newest first."""
    import numpy as np

    share = np.exp(rng.normal(-2.6, 0.9, bills.shape) - 0.25 * strain)
    whole = rng.random(bills.shape) < 0.14 * (strain < 0.2)
    nothing = rng.random(bills.shape) < 0.15 + 0.1 * (strain > 0.8)
    paid = np.where(whole, np.maximum(bills, 0), np.maximum(bills, 0.02 * limit) * np.minimum(share, 1.0))
    return np.round(np.where(nothing, 0.0, paid))


def _risk(limit: np.ndarray, status: np.ndarray, bills: np.ndarray, paid: np.ndarray) -> np.ndarray:
    """Probability of default next month."""
    import numpy as np

    late = (status >= 2).sum(axis=0)
    used = bills[0] / limit
    logit = (
        -2.32
        + 2.95 * (status[0] >= 2)
        + 1.10 * (status[0] == 1)
        + 1.45 * ((late >= 2) & (status[0] < 2))
        + 0.05 * np.minimum(late, 4)
        + 1.05 * ((used > 0.45) & (status[0] == 0))
        + 0.80 * (status[0] == -1)
        + 0.75 * (status[0] == -2)
        - 0.15 * np.log(limit / 140_000)
        - 0.50 * (paid[:3].sum(axis=0) > 9_000)
    )
    risk: np.ndarray = 1 / (1 + np.exp(-logit))
    return risk


def write(path: Path, rows: int = DEFAULT_ROWS, seed: int = 0) -> None:
    """Writes the rows as CSV: beside the name first, then renamed, so that no reader sees half a file."""
    import pyarrow as pa
    from pyarrow import csv

    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        csv.write_csv(pa.table(make(rows, seed)), beside, csv.WriteOptions(quoting_style="none"))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m suanzi.demo_data", description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="the CSV file to write")
    parser.add_argument("--rows", type=int, default=DEFAULT_ROWS)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    if not 1 <= options.rows <= MAX_ROWS:
        parser.error(f"--rows is {options.rows}; give 1 to {MAX_ROWS:,}")
    write(options.out, options.rows, options.seed)
    print(f"wrote {options.rows:,} rows to {options.out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
