"""Operators that describe tables: figures for a report."""
