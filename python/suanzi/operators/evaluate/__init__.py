"""Operators that judge predictions."""
