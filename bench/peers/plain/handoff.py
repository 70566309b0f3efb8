"""handoff without any system: a variable."""

from peers.same.sampling import measure, tasks
from peers.same.table import make, read

measure(lambda: read(make(tasks("handoff"))))
