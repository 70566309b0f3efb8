"""`read_sql`: the answer of a database to a query."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from suanzi.operators.source.files import require_file
from suanzi.sdk import Code, OperatorError, Param, Table, current, operator
from suanzi.sdk.extras import require_extra

if TYPE_CHECKING:
    import pandas as pd

SQLITE = "sqlite:///"
SQLITE_ENDINGS = (".db", ".sqlite", ".sqlite3")


@operator(
    name_en="Read Database Table / SQL",
    name_zh="读数据表",
    category="source",
    doc_en="Runs a query and reads its rows. SQLite files are opened read-only; other databases need SQLAlchemy and "
    "the database's driver. The answer is not cached, as the database may change.",
    doc_zh="执行查询并读取结果。SQLite 文件以只读方式打开；其他数据库需要 SQLAlchemy 及对应驱动。"
    "数据库内容可能变化，因此结果不缓存。",
    deterministic=False,
)
def read_sql(
    *,
    database: Annotated[
        str,
        Param(
            label_en="Database",
            label_zh="数据库",
            help_en="A SQLite file, sqlite:///FILE, or a SQLAlchemy URL such as postgresql://host/name.",
            help_zh="SQLite 文件、sqlite:///文件，或 SQLAlchemy 地址，如 postgresql://host/name。",
        ),
    ],
    query: Annotated[
        Code, Param(label_en="Query", label_zh="查询", help_en="One SELECT.", help_zh="一条 SELECT 语句。")
    ],
    params: Annotated[
        dict[str, Any] | None,
        Param(
            advanced=True,
            label_en="Values",
            label_zh="查询参数",
            help_en="Values of the :names in the query.",
            help_zh="查询中 :名称 的取值。",
        ),
    ] = None,
) -> Table:
    if not query.strip():
        raise OperatorError("the query is empty", "write a SELECT")
    if database.startswith(SQLITE) or "://" not in database:
        frame = _from_sqlite(Path(database.removeprefix(SQLITE)), query, params or {})
    else:
        frame = _from_url(database, query, params or {})
    for name in frame.columns:
        if frame[name].isna().all():
            frame[name] = frame[name].astype("float64")
    return frame


def _from_sqlite(file: Path, query: str, params: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    file = current().file("database", file)
    require_file(file)
    connection = sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)
    try:
        connection.set_authorizer(_only_reading)
        return pd.read_sql_query(query, connection, params=params)
    except (sqlite3.Error, pd.errors.DatabaseError, TypeError) as error:
        reason = error.__cause__ or error
        raise OperatorError(f"{file.name} refuses the query: {reason}", _remedy(connection, str(reason))) from None
    finally:
        connection.close()


def _only_reading(action: int, *_: object) -> int:
    allowed = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
    return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY


def _remedy(connection: sqlite3.Connection, reason: str) -> str:
    if "no such table" not in reason:
        return "give one SELECT, and a value for each :name in it"
    connection.set_authorizer(None)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")
    names = ", ".join(row[0] for row in tables.fetchmany(12))
    return f"its tables: {names}" if names else "the database has no tables"


def _from_url(url: str, query: str, params: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    alchemy = require_extra("sqlalchemy", "sqlalchemy", "reading from databases other than SQLite")
    scheme = url.split("://", 1)[0]
    try:
        engine = alchemy.create_engine(url)
        try:
            with engine.connect() as connection:
                return pd.read_sql_query(alchemy.text(query), connection, params=params)
        finally:
            engine.dispose()
    except ImportError as error:
        raise OperatorError(
            f"no driver for {scheme} is installed: {error}", f"pip install {error.name or scheme}"
        ) from None
    except (alchemy.exc.SQLAlchemyError, pd.errors.DatabaseError, UnicodeError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise OperatorError(f"the database ({scheme}) refuses: {reason}", "check the address and the query") from None
