"""credit8 on Metaflow: a step per operator, two branches, data as artifacts in its local store."""

from metaflow import FlowSpec, step
from peers.same import credit
from started import measured


class Pipeline(FlowSpec):
    @step
    def start(self):
        self.data = credit.load(credit.path())
        self.next(self.split)

    @step
    def split(self):
        self.train, self.test = credit.split(self.data)
        self.next(self.regression, self.gbdt)

    @step
    def regression(self):
        self.model = credit.regression(self.train)
        self.next(self.predict_regression)

    @step
    def gbdt(self):
        self.model = credit.gbdt(self.train)
        self.next(self.predict_gbdt)

    @step
    def predict_regression(self):
        self.predicted = credit.predict(self.test, self.model)
        self.next(self.evaluate_regression)

    @step
    def predict_gbdt(self):
        self.predicted = credit.predict(self.test, self.model)
        self.next(self.evaluate_gbdt)

    @step
    def evaluate_regression(self):
        self.figures = credit.evaluate(self.predicted)
        self.next(self.join)

    @step
    def evaluate_gbdt(self):
        self.figures = credit.evaluate(self.predicted)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.value = {
            "regression": inputs.evaluate_regression.figures,
            "gbdt": inputs.evaluate_gbdt.figures,
        }
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    measured(Pipeline)
