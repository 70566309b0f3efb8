"""Operators that try estimators: unfitted ones, cross validation, search."""
