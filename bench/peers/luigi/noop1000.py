"""noop1000 on Luigi: each task leaves its value in a file, and the join reads them."""

import tempfile

import luigi
from peers.same.sampling import measure, tasks
from peers.same.work import count, one


class One(luigi.Task):
    folder = luigi.Parameter()
    number = luigi.IntParameter()

    def output(self):
        return luigi.LocalTarget(f"{self.folder}/{self.number}")

    def run(self):
        with self.output().open("w") as file:
            file.write(str(one()))


class Join(luigi.Task):
    folder = luigi.Parameter()

    def requires(self):
        return [One(folder=self.folder, number=number) for number in range(tasks("noop1000"))]

    def output(self):
        return luigi.LocalTarget(f"{self.folder}/join")

    def run(self):
        with self.output().open("w") as file:
            file.write(str(count([int(target.open().read()) for target in self.input()])))


def run() -> int:
    with tempfile.TemporaryDirectory() as folder:
        join = Join(folder=folder)
        luigi.build([join], local_scheduler=True, log_level="WARNING")
        return int(join.output().open().read())


measure(run)
