"""noop1000 on Metaflow: a `foreach` and its join."""

from metaflow import FlowSpec, step
from peers.same.sampling import tasks
from peers.same.work import count, one
from started import measured


class Wide(FlowSpec):
    @step
    def start(self):
        self.numbers = list(range(tasks("noop1000")))
        self.next(self.nothing, foreach="numbers")

    @step
    def nothing(self):
        self.one = one()
        self.next(self.join)

    @step
    def join(self, inputs):
        self.value = count([branch.one for branch in inputs])
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    measured(Wide)
