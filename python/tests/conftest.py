"""Properties draw the same cases in every run; `SUANZI_NEW_CASES=1` draws new ones."""

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.load_profile("default" if os.environ.get("SUANZI_NEW_CASES") else "same")
