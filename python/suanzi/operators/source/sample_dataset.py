"""`sample_dataset`: data that come with scikit-learn, or are made by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from suanzi.operators.source.people import people
from suanzi.operators.train.parameters import RandomState
from suanzi.sdk import Param, Table, operator

if TYPE_CHECKING:
    import pandas as pd

TARGET = "target"


@operator(
    name_en="Sample Dataset",
    name_zh="示例数据集",
    category="source",
    doc_en="A data set bundled with scikit-learn (iris, wine, breast_cancer, digits, diabetes, linnerud), or one it "
    "makes up (classification, regression, blobs, moons). The label is the column `target`. people is made up too: "
    "numbers, texts, gaps, times, and the labels bad, grade and amount.",
    doc_zh="scikit-learn 自带的数据集（iris、wine 等），或由其生成的数据（classification、regression、blobs、moons）。"
    "标签列为 target。people 也是生成的：含数值、文本、缺失、日期，标签为 bad、grade、amount。",
    random=True,
)
def sample_dataset(
    *,
    name: Annotated[
        Literal[
            "iris",
            "wine",
            "breast_cancer",
            "digits",
            "diabetes",
            "linnerud",
            "classification",
            "regression",
            "blobs",
            "moons",
            "people",
        ],
        Param(label_en="Data set", label_zh="数据集", help_en="Which one.", help_zh="选择数据集。"),
    ] = "iris",
    rows: Annotated[
        int,
        Param(
            ge=1,
            le=10_000_000,
            label_en="Rows",
            label_zh="行数",
            help_en="For those that are made up.",
            help_zh="仅用于生成的数据。",
        ),
    ] = 1000,
    features: Annotated[
        int,
        Param(
            ge=2,
            le=5_000,
            label_en="Features",
            label_zh="特征数",
            help_en="For classification, regression and blobs.",
            help_zh="用于 classification、regression 与 blobs。",
        ),
    ] = 20,
    random_state: RandomState = None,
) -> Table:
    from sklearn import datasets

    if name == "people":
        return people(rows, random_state)
    if name in ("classification", "regression", "blobs", "moons"):
        return _made(name, rows, features, random_state)
    bunch = getattr(datasets, f"load_{name}")(as_frame=True)
    frame: pd.DataFrame = bunch.frame
    frame.columns = frame.columns.astype(str)
    return frame


def _made(name: str, rows: int, features: int, random_state: int | None) -> pd.DataFrame:
    import pandas as pd
    from sklearn import datasets

    shared: dict[str, Any] = {"n_samples": rows, "random_state": random_state}
    if name == "moons":
        x, y = datasets.make_moons(noise=0.1, **shared)
    elif name == "classification":
        informative = max(2, features // 2)
        x, y = datasets.make_classification(
            n_features=features, n_informative=informative, n_redundant=min(2, features - informative), **shared
        )
    elif name == "regression":
        x, y = datasets.make_regression(n_features=features, n_informative=min(10, features), noise=1.0, **shared)
    else:
        x, y, *_ = datasets.make_blobs(n_features=features, centers=3, **shared)
    frame = pd.DataFrame(x, columns=[f"x{position}" for position in range(x.shape[1])])
    frame[TARGET] = y
    return frame
