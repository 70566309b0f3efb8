"""Suanzi (算子), the Python side: `sdk` to declare operators, `operators` that ship with it, `worker` that runs them."""

__version__ = "0.1.0"
