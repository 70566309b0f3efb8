"""Pipelines as plain Python: a script of pandas, scikit-learn and pyarrow that runs alone."""
