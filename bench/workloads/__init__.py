"""One small file per workload: what runs, what it is set against, and its targets."""

ORDER = (
    "start",
    "trigger",
    "light40",
    "noop1000",
    "chain1000",
    "nonce1000",
    "wide",
    "recovery",
    "credit",
    "credit8",
    "branches8",
    "credit_again",
    "handoff",
    "rows10m",
    "burst",
)
"""All of them, in the order in which they run."""
