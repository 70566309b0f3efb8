"""An interpreter that does nothing."""

import subprocess
import sys
import time


def sample() -> float:
    """Seconds of `python -c pass`."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - began
