"""Operators that make features of texts."""
