"""handoff on Metaflow: the table is an artifact in its local store."""

from metaflow import FlowSpec, step
from peers.same import table
from peers.same.sampling import tasks
from started import measured


class Pair(FlowSpec):
    @step
    def start(self):
        self.table = table.make(tasks("handoff"))
        self.next(self.read)

    @step
    def read(self):
        self.value = table.read(self.table)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    measured(Pair)
