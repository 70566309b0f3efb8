"""A pool of workers: a process that takes tasks over HTTP, in the contract of the HTTP executor.

`server.py` speaks the contract, `tasks.py` keeps what is known of each task and has Ray place it, `node.py` is what
runs on each node, and `forks.py` the process there that forks a child for each task. The driver is `__main__.py`.
"""

import sys

NEEDED = (3, 11)

# Before anything is imported that an older Python can't read: the engine finds it in the log of what did not start.
if sys.version_info[:2] < NEEDED:
    _NEEDED, _FOUND = (".".join(map(str, version)) for version in (NEEDED, sys.version_info[:3]))
    raise SystemExit(f"Suanzi needs Python {_NEEDED} or newer, and {sys.executable} is Python {_FOUND}")
