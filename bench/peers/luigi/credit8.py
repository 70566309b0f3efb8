"""credit8 on Luigi: a task per operator, its outputs in files, two worker processes."""

import json
import os
import pickle
import tempfile

import luigi
import pandas as pd
from luigi.format import Nop
from peers.same import credit
from peers.same.sampling import measure


class Step(luigi.Task):
    folder = luigi.Parameter()
    model = luigi.Parameter(default="")

    def target(self, name):
        return luigi.LocalTarget(f"{self.folder}/{self.model}{name}", format=Nop)


class Read(Step):
    def output(self):
        return self.target("data.parquet")

    def run(self):
        with self.output().open("w") as file:
            credit.load(credit.path()).to_parquet(file)


class Split(Step):
    def requires(self):
        return Read(folder=self.folder)

    def output(self):
        return {name: self.target(f"{name}.parquet") for name in ("train", "test")}

    def run(self):
        parts = credit.split(pd.read_parquet(self.input().path))
        for target, part in zip(self.output().values(), parts, strict=True):
            with target.open("w") as file:
                part.to_parquet(file)


class Train(Step):
    def requires(self):
        return Split(folder=self.folder)

    def output(self):
        return self.target("model.pickle")

    def run(self):
        train = pd.read_parquet(self.input()["train"].path)
        with self.output().open("w") as file:
            pickle.dump(getattr(credit, self.model)(train), file)


class Predict(Step):
    def requires(self):
        return {"split": Split(folder=self.folder), "model": Train(folder=self.folder, model=self.model)}

    def output(self):
        return self.target("predicted.parquet")

    def run(self):
        with self.input()["model"].open() as file:
            model = pickle.load(file)
        with self.output().open("w") as file:
            credit.predict(pd.read_parquet(self.input()["split"]["test"].path), model).to_parquet(file)


class Evaluate(Step):
    def requires(self):
        return Predict(folder=self.folder, model=self.model)

    def output(self):
        return self.target("figures.json")

    def run(self):
        with self.output().open("w") as file:
            file.write(json.dumps(credit.evaluate(pd.read_parquet(self.input().path))).encode())


def run() -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        last = {name: Evaluate(folder=folder, model=name) for name in ("regression", "gbdt")}
        luigi.build(list(last.values()), local_scheduler=True, workers=os.cpu_count(), log_level="WARNING")
        return {name: json.load(task.output().open()) for name, task in last.items()}


measure(run)
