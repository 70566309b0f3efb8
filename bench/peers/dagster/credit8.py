"""credit8 on Dagster: an op per operator, run in this process, data in memory."""

from dagster import Out, job, op
from peers.same import credit
from peers.same.sampling import measure

QUIET = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}


@op
def read():
    return credit.load(credit.path())


@op(out={"train": Out(), "test": Out()})
def split(data):
    return credit.split(data)


@op
def regression(train):
    return credit.regression(train)


@op
def gbdt(train):
    return credit.gbdt(train)


@op
def predict(test, model):
    return credit.predict(test, model)


@op
def evaluate(predicted):
    return credit.evaluate(predicted)


@job(config=QUIET)
def pipeline():
    train, test = split(read())
    for train_model in (regression, gbdt):
        name = train_model.name
        evaluate.alias(f"evaluate_{name}")(predict.alias(f"predict_{name}")(test, train_model(train)))


def run() -> dict[str, dict[str, float]]:
    found = pipeline.execute_in_process()
    return {name: found.output_for_node(f"evaluate_{name}") for name in ("regression", "gbdt")}


measure(run)
