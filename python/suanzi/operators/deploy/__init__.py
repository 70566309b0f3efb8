"""Operators that hand models over."""
