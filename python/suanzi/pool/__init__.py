"""A pool of workers: a process that takes tasks over HTTP, in the contract of the HTTP executor.

`server.py` speaks the contract, `tasks.py` keeps what is known of each task and has Ray place it, `node.py` is what
runs on each node, and `forks.py` the process there that forks a child for each task. The driver is `__main__.py`.
"""
