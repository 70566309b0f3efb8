"""An operator that holds memory."""

import os
import time

from suanzi.sdk import Metrics, operator

STEP_MIB = 25
"""It grows by steps, as an operator that reads a table in pieces."""
PATIENCE_S = 60


@operator
def hold(*, mib: int, seconds: float, beside: str, begun: int, number: int) -> Metrics:
    """Holds `mib` for `seconds`, once `begun` of its kind have begun, each of which leaves a file in `beside`."""
    open(os.path.join(beside, f"{number}"), "w").close()
    end = time.monotonic() + PATIENCE_S
    while len(os.listdir(beside)) < begun and time.monotonic() < end:
        time.sleep(0.01)
    held = []
    for _ in range(0, mib, STEP_MIB):
        held.append(b"\x01" * (STEP_MIB << 20))
        time.sleep(0.01)
    time.sleep(seconds)
    return {"number": number, "mib": len(held) * STEP_MIB}
