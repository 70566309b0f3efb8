"""Runs operators: a zygote that imports the libraries once, and the workers it forks. Started by the engine."""
