"""An evaluation as something to read: titled tables, then findings."""

from __future__ import annotations

from typing import Any

FIGURE_NAMES_ZH = {
    "auc": "AUC",
    "ks": "KS",
    "f1": "F1",
    "precision": "精确率",
    "recall": "召回率",
    "accuracy": "准确率",
    "log_loss": "对数损失",
    "brier": "Brier 分数",
    "average_precision": "平均精确率",
    "specificity": "特异度",
    "gini": "基尼系数",
    "ks_threshold": "KS 阈值",
    "r2": "R²",
    "mae": "平均绝对误差",
    "rmse": "均方根误差",
    "mape": "平均绝对百分比误差",
}
FIGURE_DECIMALS = 4


def report(result: dict[str, Any], title_en: str, title_zh: str) -> dict[str, Any]:
    """Figures, confusion matrix and classes of an evaluation, as tables of cells."""
    sections = [_figures(result["metrics"])]
    if "confusion_matrix" in result:
        sections.append(_confusion(result["confusion_matrix"]))
    if "classes" in result:
        sections.append(_classes(result["classes"]))
    return {
        "kind": "report",
        "title_en": title_en,
        "title_zh": title_zh,
        "sections": sections,
        "findings": result["findings"],
    }


def _section(title_en: str, title_zh: str, columns: list[str], rows: list[list[Any]]) -> dict[str, Any]:
    return {"title_en": title_en, "title_zh": title_zh, "columns": columns, "rows": rows}


def _figures(metrics: dict[str, Any]) -> dict[str, Any]:
    rows = [[name, FIGURE_NAMES_ZH.get(name, name), _short(value)] for name, value in metrics.items()]
    return _section("Figures", "指标", ["figure", "指标", "value"], rows)


def _confusion(matrix: dict[str, Any]) -> dict[str, Any]:
    labels = [str(label) for label in matrix["labels"]]
    counts = matrix.get("counts") or [[matrix["tn"], matrix["fp"]], [matrix["fn"], matrix["tp"]]]
    rows = [[label, *row] for label, row in zip(labels, counts, strict=True)]
    return _section("Confusion matrix (rows: true)", "混淆矩阵（行为真实值）", ["", *labels], rows)


def _classes(classes: list[dict[str, Any]]) -> dict[str, Any]:
    columns = list(classes[0]) if classes else []
    rows = [[_short(value) for value in entry.values()] for entry in classes]
    return _section("Classes", "各类别", columns, rows)


def _short(value: Any) -> Any:
    return round(value, FIGURE_DECIMALS) if isinstance(value, float) else value
