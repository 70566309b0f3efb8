"""Operators made from scikit-learn's own estimators."""
