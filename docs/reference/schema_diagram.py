"""Draws the tables of a database that the program made, as an entity-relationship diagram in Mermaid.

    python3 docs/reference/schema_diagram.py target/debug/suanzi > docs/reference/schema-diagram.md

Tables and columns are read from the database itself. References are those it declares, and those that names say:
`run` is a row of `runs` by its `key`, `run` and `op` together a row of `tasks`, `dag_version` with `op`, `source` or
`target` one of `operators`, `run_id` a row of `runs` by that id.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

PAIRS = {
    ("run", "op"): "tasks",
    ("dag_version", "op"): "operators",
    ("dag_version", "source"): "operators",
    ("dag_version", "target"): "operators",
}
HEAD = """# The tables, drawn

Made by `docs/reference/schema_diagram.py` from a database that the program made; a test compares the two. What each
table holds is in [the schema's reference](schema.md). On MySQL, MariaDB and PostgreSQL the tables and columns are the
same, under those servers' types, which `make test-db` compares.

`PK`: the primary key; `UK`: unique; `FK`: names a row of another table.
"""


class Reference(NamedTuple):
    to: str
    columns: tuple[str, ...]
    at_most_one: bool


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        env = {name: value for name, value in os.environ.items() if not name.startswith("SUANZI_DATABASE")}
        command = [Path(sys.argv[1]).absolute(), "runs", "--json"]
        subprocess.run(command, env={**env, "SUANZI_HOME": home}, check=True, stdout=subprocess.DEVNULL)
        database = sqlite3.connect(Path(home) / "suanzi.db")
        print(HEAD)
        print("```mermaid\nerDiagram")
        for line in drawn(database):
            print(f"  {line}")
        print("```")


def drawn(database: sqlite3.Connection) -> list[str]:
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")]
    tables = {name: columns(database, name) for name in names if not name.startswith("sqlite_")}
    boxes, arrows = [], []
    for name, its in tables.items():
        references = references_of(database, name, tables)
        pointing = {column for reference in references for column in reference.columns}
        primary = {column for column, (_, place) in its.items() if place}
        unique = {key[0] for key in keys(database, name) if len(key) == 1} - primary
        boxes.append(f"{name} {{")
        for column, (kind, _) in its.items():
            marks = [mark for mark, where in (("PK", primary), ("FK", pointing), ("UK", unique)) if column in where]
            boxes.append(f"  {kind} {column} {', '.join(marks)}".rstrip())
        boxes.append("}")
        for to, by, at_most_one in references:
            arrows.append(f'{to} ||--o{"|" if at_most_one else "{"} {name} : "{", ".join(by)}"')
    return boxes + arrows


def columns(database: sqlite3.Connection, table: str) -> dict[str, tuple[str, int]]:
    """Type and place in the primary key, by name."""
    rows = database.execute(f"PRAGMA table_info({table})")
    return {name: (kind.lower() or "any", place) for _, name, kind, _, _, place in rows}


def keys(database: sqlite3.Connection, table: str) -> list[tuple[str, ...]]:
    """Columns that are unique together, the primary key among them."""
    found = [tuple(c for c, (_, place) in columns(database, table).items() if place)]
    for _, index, unique, _, partial in database.execute(f"PRAGMA index_list({table})"):
        if unique and not partial:
            found.append(tuple(row[2] for row in database.execute(f"PRAGMA index_info({index})")))
    return found


def references_of(
    database: sqlite3.Connection, table: str, tables: dict[str, dict[str, tuple[str, int]]]
) -> list[Reference]:
    its = tables[table]
    pointed: dict[tuple[str, ...], str] = {}
    for pair, to in PAIRS.items():
        if to != table and set(pair) <= set(its):
            pointed[pair] = to
    for column in its:
        taken = any(column in by for by in pointed)
        to = "runs" if column == "run_id" and table != "runs" else f"{column}s"
        if to in tables and not taken and ("key" in tables[to] or column == "run_id"):
            pointed[(column,)] = to
    for _, _, to, column, *_ in database.execute(f"PRAGMA foreign_key_list({table})"):
        declared = any(column in by for by in pointed)
        if not declared:
            pointed[(column,)] = to
    unique = keys(database, table)
    return [Reference(to, by, by in unique) for by, to in pointed.items()]


if __name__ == "__main__":
    main()
