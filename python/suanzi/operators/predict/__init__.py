"""Operators that apply models."""
