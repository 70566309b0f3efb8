"""chain1000 on Luigi: each task requires the one before, and leaves its value in a file."""

import tempfile

import luigi
from peers.same.sampling import measure, tasks
from peers.same.work import after


class Step(luigi.Task):
    folder = luigi.Parameter()
    number = luigi.IntParameter()

    def requires(self):
        return Step(folder=self.folder, number=self.number - 1) if self.number else []

    def output(self):
        return luigi.LocalTarget(f"{self.folder}/{self.number}")

    def run(self):
        before = int(self.input().open().read()) if self.number else 0
        with self.output().open("w") as file:
            file.write(str(after(before)))


def run() -> int:
    with tempfile.TemporaryDirectory() as folder:
        last = Step(folder=folder, number=tasks("chain1000") - 1)
        luigi.build([last], local_scheduler=True, log_level="WARNING")
        return int(last.output().open().read())


measure(run)
