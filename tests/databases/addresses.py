"""The servers of SUANZI_TEST_DATABASES and databases on them, by the servers' own command-line clients."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote, urlsplit

CLIENT_S = 60


def addresses() -> list[str]:
    """Each of a user who may create databases, without a database."""
    given = os.environ.get("SUANZI_TEST_DATABASES", "").split()
    if not given:
        raise SystemExit("SUANZI_TEST_DATABASES names no server: use `make test-db`")
    return given


class Database:
    """A new database that goes with the context."""

    def __init__(self, base: str) -> None:
        self.base = urlsplit(base)
        self.kind = self.base.scheme
        self.name = f"suanzi_served_{os.getpid()}"
        self.url = f"{base}/{self.name}"

    def __enter__(self) -> Database:
        self._run("", f"CREATE DATABASE {self.name}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._run("", f"DROP DATABASE {self.name}{'' if self.kind == 'mysql' else ' WITH (FORCE)'}")

    def one(self, sql: str) -> str:
        """The first value of the first row."""
        return self.rows(sql)[0][0]

    def rows(self, sql: str) -> list[tuple[str, ...]]:
        return [tuple(line.split("\t")) for line in self._run(self.name, sql).splitlines()]

    def _run(self, database: str, sql: str) -> str:
        place = ["-h", str(self.base.hostname), "-P" if self.kind == "mysql" else "-p", str(self.base.port)]
        login = unquote(self.base.password or "")
        if self.kind == "mysql":
            command = ["mariadb", "--no-defaults", "-N", "-B", *place, "-u", str(self.base.username), "-e", sql]
            command += [database] if database else []
        else:
            command = [psql(), "-qAt", "-F", "\t", *place, "-U", str(self.base.username), "-d", database or "postgres"]
            command += ["-c", sql]
        env = {**os.environ, "MYSQL_PWD": login, "PGPASSWORD": login}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=CLIENT_S)
        if done.returncode:
            raise RuntimeError(f"{self.kind}: {done.stderr.strip()}")
        return done.stdout


def psql() -> str:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"), key=lambda path: int(path.parts[4]))
    return str(found[-1]) if found else "psql"
