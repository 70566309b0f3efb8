"""`sql_transform`: a query over the incoming tables."""

from __future__ import annotations

from typing import Annotated

from suanzi.sdk import ArrowTable, Code, OperatorError, Param, current, operator
from suanzi.sdk.extras import require_extra


@operator(
    name_en="SQL Transform",
    name_zh="SQL脚本",
    category="preprocess",
    doc_en="Runs a SELECT over the incoming tables t1, t2, … (also `t`) with DuckDB. It can't reach files or the "
    "network. Needs duckdb (the extra 'duckdb').",
    doc_zh="用 DuckDB 对输入表 t1、t2……（首张亦可写作 t）执行 SELECT，无法访问文件或网络。"
    "需要 duckdb（附加包 duckdb）。",
    requires={"duckdb": "duckdb"},
)
def sql_transform(
    tables: list[ArrowTable],
    *,
    query: Annotated[
        Code,
        Param(
            label_en="Query",
            label_zh="查询",
            help_en="Such as SELECT * FROM t1 JOIN t2 USING (id) ORDER BY id.",
            help_zh="例如 SELECT * FROM t1 JOIN t2 USING (id) ORDER BY id。",
        ),
    ],
) -> ArrowTable:
    duckdb = require_extra("duckdb", "duckdb", "SQL over tables")
    settings = {
        "enable_external_access": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
        "threads": str(max(1, current().cpu_slots)),
    }
    connection = duckdb.connect(":memory:", config=settings)
    try:
        connection.execute("SET lock_configuration=true")
        for number, table in enumerate(tables, 1):
            connection.register(f"t{number}", table)
        connection.register("t", tables[0])
        statements = connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise OperatorError("the query is not one SELECT", "write a single SELECT … FROM t1")
        return connection.sql(query).to_arrow_table()
    except duckdb.Error as error:
        names = ", ".join(f"t{number}" for number in range(1, len(tables) + 1))
        raise OperatorError(f"the query is refused: {error}", f"the tables are {names}; quote odd names") from None
    finally:
        connection.close()
