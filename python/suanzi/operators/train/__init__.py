"""Operators that train models."""
