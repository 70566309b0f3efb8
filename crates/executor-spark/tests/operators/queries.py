"""Operators of the tests on Spark: one that holds the whole cluster, and one that counts."""

from __future__ import annotations

from suanzi.sdk import operator


@operator(executors=("spark",), unknown_params="ignore")
def hold(*, folder: str, tasks: int, seconds: float) -> object:
    """Keeps `tasks` tasks of Spark busy; each says so by a file in the folder."""
    from suanzi import spark

    def busy(batches):
        import time
        from pathlib import Path

        for batch in batches:
            for number in batch.column(0).to_pylist():
                Path(folder, str(number)).touch()
                time.sleep(seconds)
            yield batch

    return spark.session().range(0, tasks, 1, tasks).mapInArrow(busy, "id long").count()


@operator(executors=("spark",), unknown_params="ignore")
def count(*, rows: int) -> object:
    """How many rows there are, counted by Spark's workers."""
    from suanzi import spark

    def same(batches):
        yield from batches

    return spark.session().range(rows).mapInArrow(same, "id long").count()
