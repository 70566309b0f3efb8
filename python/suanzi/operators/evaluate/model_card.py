"""`model_card`: what someone should know of a model before they use it, as a page that stands alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from suanzi.operators.evaluate import binary, card_sections, eval_multiclass, eval_regression
from suanzi.operators.evaluate.card_page import page
from suanzi.operators.evaluate.intervals import Figures
from suanzi.operators.evaluate.rejudged import figures_of
from suanzi.operators.predict.scoring import RESULT, SCORE, score
from suanzi.operators.train.parameters import RandomState
from suanzi.sdk import File, Model, OperatorError, Param, Port, Table, TrainedModel, operator
from suanzi.sdk.columns import require_columns, require_labels, require_rows
from suanzi.sdk.scratch import scratch_folder

if TYPE_CHECKING:
    import pandas as pd


@operator(
    name_en="Model Card",
    name_zh="模型卡",
    category="evaluate",
    doc_en="A page of HTML that stands alone, in English and Chinese: what the model is for, its data and split, "
    "parameters, figures on held-out rows with 95 % bootstrap intervals, importances of features, findings, and where "
    "it came from. data holds rows that the model was not trained on, with the label; connect the training rows too to "
    "tell the split.",
    doc_zh="中英双语、可独立打开的 HTML 页面：用途、数据与划分、参数、留出数据上的指标及 95% 自助法置信区间、"
    "特征重要性、结论和来源。data 为未参与训练且含标签的行；若同时连接训练数据，则给出划分情况。",
    random=True,
)
def model_card(
    model: Model,
    data: Table,
    training: Table | None = None,
    *,
    title: Annotated[
        str, Param(label_en="Title", label_zh="标题", help_en="Of the page.", help_zh="页面标题。")
    ] = "Model card / 模型卡",
    purpose: Annotated[
        str,
        Param(
            label_en="Purpose and limits",
            label_zh="用途与限制",
            help_en="What the model is for, and what not; told as written.",
            help_zh="模型适用与不适用的场景，按原文显示。",
        ),
    ] = "",
    resamples: Annotated[
        int,
        Param(
            ge=20,
            le=10_000,
            advanced=True,
            label_en="Resamples",
            label_zh="重抽样次数",
            help_en="Bootstrap samples for the intervals.",
            help_zh="用于置信区间的自助法抽样次数。",
        ),
    ] = 200,
    n_repeats: Annotated[
        int,
        Param(
            ge=1,
            le=100,
            advanced=True,
            label_en="Repeats",
            label_zh="重复次数",
            help_en="Shuffles per column for the importances.",
            help_zh="计算重要性时每列的打乱次数。",
        ),
    ] = 3,
    random_state: RandomState = None,
) -> Annotated[File, Port(help_en="The page.", help_zh="页面文件。")]:
    if not isinstance(model, TrainedModel) or model.task not in card_sections.TASKS or model.label is None:
        raise OperatorError(
            "the model does not say what it predicts from which columns", "connect a trained classifier or regression"
        )
    require_rows(data)
    require_columns(data, [*model.columns, model.label], "the model was trained with it")
    require_labels(data, model.label)
    if training is not None:
        require_columns(training, [*model.columns, model.label], "the model was trained with it")
    result, figures = _judged(model, score(model, data))
    sections = [
        card_sections.purpose(model, purpose),
        card_sections.data(model, data, training),
        card_sections.parameters(model),
        card_sections.figures(figures, len(data), resamples, random_state),
        card_sections.importance(model, data, n_repeats, random_state),
        card_sections.findings(result),
        card_sections.lineage(training is not None, random_state),
    ]
    target = scratch_folder() / "model_card.html"
    target.write_text(page(title, sections), encoding="utf-8")
    return target


def _judged(model: TrainedModel, scored: pd.DataFrame) -> tuple[dict[str, Any], Figures]:
    """The evaluation of the model's own task, and its figures as a function of weights of rows."""
    label = str(model.label)
    if model.task == "regression":
        result = eval_regression.evaluate(scored, label, RESULT)
    elif model.task == "multiclass":
        result = eval_multiclass.evaluate(scored, label, RESULT)
    else:
        score_col = SCORE if SCORE in scored.columns else None
        result = binary.evaluate(scored, y_col=label, pre_col=RESULT, score_col=score_col, pre_value=model.positive)
        return result, figures_of(result, scored, label, RESULT, score_col)
    return result, figures_of(result, scored, label, RESULT, None)
