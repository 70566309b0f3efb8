"""credit8 without any system: one line after the other, in one process."""

from peers.same import credit
from peers.same.sampling import measure


def run() -> dict[str, dict[str, float]]:
    train, test = credit.split(credit.load(credit.path()))
    models = {"regression": credit.regression(train), "gbdt": credit.gbdt(train)}
    return {name: credit.evaluate(credit.predict(test, model)) for name, model in models.items()}


measure(run)
