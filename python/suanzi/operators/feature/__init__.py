"""Operators that make features; each leaves a fitted transform behind."""
