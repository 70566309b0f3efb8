"""What a model card tells, section by section."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from suanzi.operators.deploy.prepared import PreparedEstimator
from suanzi.operators.deploy.stored_model import stored_model
from suanzi.operators.evaluate.card_page import Cell, Words, bars, paragraph, table
from suanzi.operators.evaluate.feature_importance import permuted
from suanzi.operators.evaluate.intervals import Figures, intervals
from suanzi.operators.evaluate.report import FIGURE_NAMES_ZH
from suanzi.sdk import TrainedModel, current, model_manifest

if TYPE_CHECKING:
    import pandas as pd

MAX_SHOWN = 200
"""Rows of a table in the card; what is left out is said."""
MAX_PERMUTED = 200
"""Permutation predicts the table once per column and repeat; wider models get no importances."""
MANY_SEEN = 0.5
"""More evaluation rows than this share that are training rows too are warned of."""
TASKS = {
    "binary": Words("Classification of two classes", "二分类"),
    "multiclass": Words("Classification of several classes", "多分类"),
    "regression": Words("Regression", "回归"),
}
Section = tuple[Words, list[str]]


def purpose(model: TrainedModel, purpose: str) -> Section:
    """What it predicts, by which algorithm, and what its maker wrote down."""
    said = Words(purpose, purpose) if purpose.strip() else Words("Nobody has written it down.", "未填写。")
    rows: list[list[Cell]] = [
        [Words("Task", "任务"), TASKS[model.task]],
        [Words("Predicts column", "预测列"), str(model.label)],
        [Words("Algorithm", "算法"), model.algo_name or type(model.estimator).__name__],
    ]
    if model.task == "binary":
        rows.append([Words("Positive label", "正例值"), str(model.positive)])
    return Words("Purpose", "用途"), [paragraph(said), table([Words("", ""), Words("", "")], rows)]


def data(model: TrainedModel, data: pd.DataFrame, training: pd.DataFrame | None) -> Section:
    """Rows of training and evaluation, the label, the features as they are in the evaluation data."""
    parts: list[str] = []
    if training is None:
        parts.append(
            paragraph(
                Words(
                    f"Judged on {len(data):,} rows. The training rows were not connected, so their number isn't known.",
                    f"在 {len(data):,} 行上评估。未连接训练数据，因此此处不知其行数。",
                )
            )
        )
    else:
        whole = len(data) + len(training)
        split: list[list[Cell]] = [
            [Words("Training", "训练"), len(training), f"{len(training) / whole:.1%}"],
            [Words("Evaluation", "评估"), len(data), f"{len(data) / whole:.1%}"],
        ]
        parts.append(table([Words("Split", "划分"), Words("Rows", "行数"), Words("Share", "占比")], split))
        parts += _seen_before(model, data, training)
    parts.append(_label_table(model, data))
    shown = model.columns[:MAX_SHOWN]
    rows: list[list[Cell]] = []
    for name in shown:
        column = data[name]
        numbers = column.dtype.kind in "iuf" and bool(column.notna().any())
        low, mean, high = (float(f) for f in (column.min(), column.mean(), column.max())) if numbers else (None,) * 3
        rows.append([name, str(column.dtype), f"{column.isna().mean():.1%}", low, mean, high])
    header = [
        Words("Feature", "特征"),
        Words("Type", "类型"),
        Words("Missing", "缺失"),
        Words("Least", "最小"),
        Words("Mean", "均值"),
        Words("Largest", "最大"),
    ]
    parts.append(table(header, rows))
    parts += _left_out(len(model.columns))
    return Words("Data and split", "数据与划分"), parts


def _seen_before(model: TrainedModel, data: pd.DataFrame, training: pd.DataFrame) -> list[str]:
    """How many evaluation rows the model may have been trained on; a warning where it is most of them."""
    import pandas as pd

    columns = [*model.columns, str(model.label)]
    try:
        known, asked = (
            pd.util.hash_pandas_object(_comparable(frame[columns]), index=False) for frame in (training, data)
        )
    except TypeError:  # values without a hash, such as lists
        return []
    count = int(asked.isin(known).sum())
    share = count / len(data)
    told = Words(
        f"{count:,} evaluation rows ({share:.1%}) equal a training row in features and label.",
        f"{count:,} 行评估数据（{share:.1%}）的特征和标签与某一训练行完全相同。",
    )
    if share <= MANY_SEEN:
        return [paragraph(told)]
    judged = Words(
        f"{told.en} The figures then tell how well the model remembers: connect rows it was not trained on as data.",
        f"{told.zh}此时指标只反映模型的记忆程度：请将未参与训练的行连接到 data。",
    )
    return [paragraph(judged, "warning")]


def _comparable(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers as floats, so that a column of integers equals one with gaps elsewhere."""
    return frame.astype({name: "float64" for name in frame.columns if frame[name].dtype.kind in "iuf"})


def _label_table(model: TrainedModel, data: pd.DataFrame) -> str:
    label = data[str(model.label)]
    if model.task == "regression":
        rows: list[list[Cell]] = [[str(model.label), float(label.min()), float(label.mean()), float(label.max())]]
        return table(
            [Words("Label", "标签"), Words("Least", "最小"), Words("Mean", "均值"), Words("Largest", "最大")], rows
        )
    counts = label.value_counts().sort_index().head(MAX_SHOWN)
    rows = [[str(value), int(count), f"{count / len(data):.1%}"] for value, count in counts.items()]
    return table([Words("Label", "标签"), Words("Rows", "行数"), Words("Share", "占比")], rows)


def _left_out(columns: int) -> list[str]:
    if columns <= MAX_SHOWN:
        return []
    more = columns - MAX_SHOWN
    return [paragraph(Words(f"{more:,} more features are left out here.", f"此处省略其余 {more:,} 个特征。"))]


def parameters(model: TrainedModel) -> Section:
    """The estimator's own parameters; those that hold other estimators are told by these estimators' parameters."""
    inner = model.estimator.model if isinstance(model.estimator, PreparedEstimator) else model
    asked = getattr(inner.estimator, "get_params", None)
    known = asked() if callable(asked) else {}
    plain = {name: value for name, value in known.items() if not hasattr(value, "get_params") and name != "steps"}
    rows: list[list[Cell]] = [[name, _shown(value)] for name, value in sorted(plain.items())[:MAX_SHOWN]]
    manifest = model_manifest(inner)
    versions = ", ".join(f"{name} {version}" for name, version in sorted(manifest["library_versions"].items()))
    told = paragraph(Words(f"{manifest['class']}; {versions}", f"{manifest['class']}；{versions}"))
    return Words("Parameters", "参数"), [told, table([Words("Parameter", "参数"), Words("Value", "取值")], rows)]


def _shown(value: Any) -> str:
    """A function by its name: its repr tells where it lies in memory."""
    return str(getattr(value, "__name__", type(value).__name__)) if callable(value) else repr(value)


def figures(judged: Figures, rows: int, resamples: int, random_state: int | None) -> Section:
    """Each figure with its interval."""
    found = intervals(judged, rows, resamples, random_state)
    lines: list[list[Cell]] = [
        [Words(name, FIGURE_NAMES_ZH.get(name, name)), one.value, one.low, one.high] for name, one in found.items()
    ]
    note = Words(
        f"On {rows:,} rows. Intervals of 95 %: percentiles over {resamples:,} bootstrap samples of these rows; they "
        "tell how far chance in the choice of the rows goes, not how another training would come out.",
        f"基于 {rows:,} 行。95% 置信区间为对这些行做 {resamples:,} 次自助法抽样的分位数；"
        "反映评估样本的偶然性，不反映重新训练的差异。",
    )
    header = [Words("Figure", "指标"), Words("Value", "取值"), Words("From", "下限"), Words("To", "上限")]
    return Words("Figures", "指标"), [paragraph(note), table(header, lines)]


def importance(model: TrainedModel, data: pd.DataFrame, n_repeats: int, random_state: int | None) -> Section:
    """Importances by permutation, or why there are none."""
    heading = Words("Importance of features", "特征重要性")
    if isinstance(model.estimator, PreparedEstimator):
        why = Words(
            "Left out: this model takes rows as they come in; a card of the model before serving_pipeline has them.",
            "未计算：该模型直接接收原始行；请为 serving_pipeline 之前的模型生成模型卡。",
        )
        return heading, [paragraph(why)]
    if len(model.columns) > MAX_PERMUTED:
        why = Words(
            f"Left out: the model has {len(model.columns):,} features, and shuffling is done for up to {MAX_PERMUTED}.",
            f"未计算：模型有 {len(model.columns):,} 个特征，置换法最多用于 {MAX_PERMUTED} 个。",
        )
        return heading, [paragraph(why)]
    means, _, figure = permuted(model, data, n_repeats, random_state)
    values = sorted(zip(model.columns, (float(mean) for mean in means), strict=True), key=lambda pair: -pair[1])
    if not all(math.isfinite(value) for _, value in values):
        why = Words("It can't be computed on these rows.", "无法在这些行上计算。")
        return heading, [paragraph(why, "warning")]
    note = Words(
        f"How much {figure} falls when the column is shuffled, as a mean of {n_repeats}.",
        f"打乱该列后 {figure} 的下降，{n_repeats} 次的均值。",
    )
    return heading, [paragraph(note), bars(values)]


def findings(result: dict[str, Any]) -> Section:
    """What the evaluation found, with remedies."""
    heading = Words("Findings", "结论")
    if not result["findings"]:
        return heading, [paragraph(Words("Nothing stands out.", "未发现异常。"))]
    return heading, [
        paragraph(
            Words(f"{one['text_en']} {one['remedy_en']}", f"{one['text_zh']}{one['remedy_zh']}"), str(one["severity"])
        )
        for one in result["findings"]
    ]


def lineage(with_training: bool, random_state: int | None) -> Section:
    """The run and operator that made the card, and what its inputs are, by content."""
    context = current()
    rows: list[list[Cell]] = [
        [Words("Run", "运行"), context.run_id],
        [Words("Operator", "算子"), context.operator_id],
        [Words("Random seed", "随机种子"), "–" if random_state is None else str(random_state)],
    ]
    names = {"model": Words("Model file", "模型文件"), "data": Words("Evaluation data", "评估数据")}
    if with_training:
        names["training"] = Words("Training data", "训练数据")
    for name, words in names.items():
        stored = stored_model(name)
        rows.append([words, f"SHA-256 {stored['sha256']}" if stored else Words("not stored", "未存储")])
    return Words("Lineage", "来源"), [table([Words("", ""), Words("", "")], rows)]
