"""For operators written against Spark DataFrames: the session, and tables to and from it.

`session()` is this attempt's own on the cluster; `read("data")` is an input as a DataFrame, which Spark's workers read
from the stored file; `table(frame)` is a DataFrame as an operator returns it, written by the workers. Import it inside
an operator that declares `executors=("spark",)`.
"""

from suanzi.spark.frames import read, table
from suanzi.spark.session import session

__all__ = ["read", "session", "table"]
