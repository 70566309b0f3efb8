"""The tables of each server of SUANZI_TEST_DATABASES are those of SQLite, column by column."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from addresses import Database, addresses

SQLITE = """SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c
WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name, c.cid"""
SERVERS = """SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = {here}
ORDER BY table_name, ordinal_position"""


def main(program: str) -> int:
    with tempfile.TemporaryDirectory() as home:
        used(program, home, "")
        wanted = sqlite3.connect(Path(home) / "suanzi.db").execute(SQLITE).fetchall()
        for base in addresses():
            with Database(base) as database:
                used(program, home, database.url)
                here = "DATABASE()" if database.kind == "mysql" else "current_schema()"
                found = database.rows(SERVERS.format(here=here))
            if columns(found) != columns(wanted):
                print(f"{database.kind}: not SQLite's tables: {sorted(set(wanted) ^ set(found))}")
                return 1
            print(f"{database.kind}: {len(columns(found))} tables with SQLite's {len(found)} columns")
    return 0


def used(program: str, home: str, url: str) -> None:
    """The first command makes the tables."""
    env = {**os.environ, "SUANZI_HOME": home, "SUANZI_DATABASE_URL": url}
    subprocess.run([program, "runs", "--json"], env=env, check=True, stdout=subprocess.DEVNULL)


def columns(rows: list[tuple[str, ...]]) -> dict[str, list[str]]:
    tables: dict[str, list[str]] = {}
    for table, column in rows:
        tables.setdefault(table, []).append(column)
    return tables


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
