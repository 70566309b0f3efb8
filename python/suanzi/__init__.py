"""Suanzi (算子), the Python side: `sdk` declares operators, `operators` ships with it, `worker` runs them."""

__version__ = "0.1.0"
