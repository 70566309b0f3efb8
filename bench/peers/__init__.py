"""The same workloads through other systems, each in an environment of its own; `run.py` is the command."""
