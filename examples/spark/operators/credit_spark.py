"""The credit pipeline's scaling and logistic regression on Spark: the same steps as scikit-learn's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from suanzi.sdk import ArrowTable, Column, Columns, OperatorError, Param, operator

SCORE, RESULT = "predict_score", "predict_result"


@dataclass
class Scaled:
    train: ArrowTable
    test: ArrowTable


@operator(
    name_en="Standardize (Spark)",
    name_zh="标准化（Spark）",
    category="feature",
    executors=("spark",),
    doc_en="Shifts and scales columns to mean 0 and standard deviation 1, as the training part has them.",
    doc_zh="按训练集的均值和标准差对列做标准化。",
)
def spark_standardize(
    train: ArrowTable,
    test: ArrowTable,
    *,
    columns: Annotated[Columns, Param(label_en="Columns", label_zh="列", help_en="Numbers.", help_zh="数值列。")],
) -> Scaled:
    from pyspark.sql import functions as F

    from suanzi import spark

    frames = {"train": spark.read("train"), "test": spark.read("test")}
    wanted = [part for name in columns for part in (F.avg(name), F.stddev_pop(name))]
    found = frames["train"].agg(*wanted).first()
    scales = {name: (found[2 * at], found[2 * at + 1] or 1.0) for at, name in enumerate(columns)}

    def scaled(frame):
        kept = [F.col(name) for name in frame.columns if name not in scales]
        return frame.select(*kept, *[((F.col(name) - mean) / std).alias(name) for name, (mean, std) in scales.items()])

    return Scaled(*[spark.table(scaled(frames[part])) for part in ("train", "test")])


@operator(
    name_en="Logistic Regression (Spark)",
    name_zh="逻辑回归（Spark）",
    category="train",
    executors=("spark",),
    doc_en="Trains Spark ML's LogisticRegression with scikit-learn's objective, and scores the test part.",
    doc_zh="用 Spark ML 训练逻辑回归（目标函数与 scikit-learn 相同），并对测试集打分。",
)
def spark_logistic(
    train: ArrowTable,
    test: ArrowTable,
    *,
    x_cols: Annotated[Columns, Param(label_en="Features", label_zh="特征列", help_en="Numbers.", help_zh="数值列。")],
    y_col: Annotated[Column, Param(label_en="Label", label_zh="标签列", help_en="0 or 1.", help_zh="取值 0 或 1。")],
    C: Annotated[
        float,
        Param(
            gt=0,
            label_en="C",
            label_zh="正则强度倒数",
            help_en="Inverse of the regularisation's strength.",
            help_zh="正则化强度的倒数。",
        ),
    ] = 1.0,
    max_iter: Annotated[
        int, Param(ge=1, label_en="Iterations", label_zh="最大迭代次数", help_en="At most so many.", help_zh="最多次数")
    ] = 100,
) -> ArrowTable:
    from pyspark.ml.classification import LogisticRegression
    from pyspark.ml.feature import VectorAssembler
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as F

    from suanzi import spark

    parts = [spark.read("train"), spark.read("test")]
    vectors = VectorAssembler(inputCols=list(x_cols), outputCol="features")
    rows = parts[0].count()
    if rows == 0:
        raise OperatorError("the training part has no rows", "give it some")
    # scikit-learn adds the losses of all rows, Spark takes their mean.
    settings = {"regParam": 1 / (C * rows), "elasticNetParam": 0.0, "standardization": False, "tol": 1e-8}
    learner = LogisticRegression(featuresCol="features", labelCol=y_col, maxIter=max_iter, **settings)
    model = learner.fit(vectors.transform(parts[0]).withColumn(y_col, F.col(y_col).cast("double")))
    scored = model.transform(vectors.transform(parts[1]).withColumn("_label", F.col(y_col)).drop(y_col))
    kept = [F.col(name) for name in parts[1].columns if name != y_col]
    score = vector_to_array("probability")[1].alias(SCORE)
    return spark.table(
        scored.select(*kept, F.col("_label").alias(y_col), F.col("prediction").cast("bigint").alias(RESULT), score)
    )
