"""An operator with requirements of its own."""

import sys

from suanzi.sdk import Column, Metrics, Table, operator


@operator(
    name_en="Summary, with versions",
    name_zh="摘要及版本",
    category="evaluate",
    requirements=["pandas>=2"],
)
def summary_with_versions(data: Table, *, column: Column) -> Metrics:
    """A column's mean, and with what it was computed."""
    import pandas

    mean = float(data[column].mean())
    return {"mean": mean, "pandas": pandas.__version__, "environment": sys.prefix}
