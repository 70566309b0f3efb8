"""light40 on Metaflow: a step that goes to itself until it was run as often as is asked for."""

from metaflow import FlowSpec, step
from peers.same.sampling import tasks
from peers.same.work import add_fib
from started import measured


class Line(FlowSpec):
    @step
    def start(self):
        self.value, self.left = 0, tasks("light40")
        self.next(self.hop)

    @step
    def hop(self):
        self.value, self.left = add_fib(self.value), self.left - 1
        self.way = "on" if self.left else "out"
        self.next({"on": self.hop, "out": self.end}, condition="way")

    @step
    def end(self):
        pass


if __name__ == "__main__":
    measured(Line)
