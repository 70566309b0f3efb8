"""Sets how many threads the numeric libraries use to the attempt's cpu slots."""

from __future__ import annotations

import pyarrow as pa
from threadpoolctl import ThreadpoolController


class ThreadLimits:
    """Workers start with one thread, as the zygote did; the libraries are told only when the number changes."""

    def __init__(self) -> None:
        self.current = 1
        pa.set_cpu_count(1)

    def set(self, count: int) -> None:
        if count == self.current:
            return
        ThreadpoolController().limit(limits=count)
        pa.set_cpu_count(count)
        self.current = count
