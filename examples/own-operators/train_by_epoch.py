"""A training loop that tells how far it is."""

from typing import Annotated, Any

from suanzi.sdk import Column, Columns, Model, Param, Table, current, operator


@operator(name_en="SGD by Epoch", name_zh="逐轮 SGD", category="train", random=True)
def train_by_epoch(
    data: Table,
    *,
    x_cols: Annotated[Columns, Param(help_en="Columns to train on.", help_zh="训练列。")],
    y_col: Annotated[Column, Param(help_en="The label, 0 or 1.", help_zh="标签列，0 或 1。")],
    epochs: Annotated[int, Param(ge=1, le=1000, help_en="Passes over the data.", help_zh="训练轮数。")] = 20,
    random_state: Annotated[
        int | None, Param(ge=0, help_en="Empty: the run's seed.", help_zh="留空为运行种子。")
    ] = None,
) -> Model:
    """Logistic regression by stochastic gradient descent; the loss of each epoch is a metric of the run."""
    from sklearn.linear_model import SGDClassifier
    from sklearn.metrics import log_loss

    model: Any = SGDClassifier(loss="log_loss", random_state=random_state)
    x, y = data[x_cols], data[y_col]
    for epoch in range(epochs):
        model.partial_fit(x, y, classes=[0, 1])
        current().metric("loss", log_loss(y, model.predict_proba(x)), step=epoch)
        current().progress((epoch + 1) / epochs, f"epoch {epoch + 1} of {epochs}")
    return model
