"""handoff on Luigi: an Arrow file, written by one task and mapped by the next."""

import tempfile

import luigi
import pyarrow as pa
from luigi.format import Nop
from peers.same.sampling import measure, tasks
from peers.same.table import make, read


class Make(luigi.Task):
    folder = luigi.Parameter()

    def output(self):
        return luigi.LocalTarget(f"{self.folder}/table.arrow", format=Nop)

    def run(self):
        table = make(tasks("handoff"))
        with self.output().open("w") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)


class Read(luigi.Task):
    folder = luigi.Parameter()

    def requires(self):
        return Make(folder=self.folder)

    def output(self):
        return luigi.LocalTarget(f"{self.folder}/sum")

    def run(self):
        with pa.memory_map(self.input().path) as source, self.output().open("w") as file:
            file.write(repr(read(pa.ipc.open_file(source).read_all())))


def run() -> float:
    with tempfile.TemporaryDirectory() as folder:
        last = Read(folder=folder)
        luigi.build([last], local_scheduler=True, log_level="WARNING")
        return float(last.output().open().read())


measure(run)
