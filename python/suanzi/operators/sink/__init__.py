"""Operators that write data outside the store."""
