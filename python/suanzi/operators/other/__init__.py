"""Operators that fit nowhere else: code written in place, and stand-ins."""
