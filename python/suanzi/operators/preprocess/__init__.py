"""Operators that cut, clean and choose rows and columns."""
