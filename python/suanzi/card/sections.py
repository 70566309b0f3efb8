"""What the card of a registered version tells, section by section, in the order of a card by `model_card`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from suanzi.card.catalogue import kinds
from suanzi.card.judged import Judged, judged
from suanzi.operators.evaluate.card_page import Cell, Words, bars, paragraph, table
from suanzi.operators.evaluate.card_sections import MAX_SHOWN, TASKS, Section, findings
from suanzi.operators.evaluate.report import FIGURE_NAMES_ZH

TWO_COLUMNS = (Words("", ""), Words("", ""))
CONTENT_SHOWN = 16
"""Characters of a content id that tell tables apart."""
Facts = dict[str, Any]


def sections(facts: Facts) -> list[Section]:
    """All sections of a version's card."""
    found = [judged(one, _fitted(facts)) for one in facts["evaluations"]]
    return [
        purpose(facts),
        data(facts),
        parameters(facts),
        figures(facts, found),
        importance(facts),
        *([] if not found else [findings({"findings": [one for each in found for one in each.findings]})]),
        lineage(facts),
    ]


def _fitted(facts: Facts) -> dict[str, Any]:
    """What the registering operator wrote down of the fitted object."""
    return (facts["manifest"] or {}).get("manifest") or {}


def purpose(facts: Facts) -> Section:
    """What it predicts, by which algorithm, and what was written down at registering."""
    fitted = _fitted(facts)
    text = str((facts["manifest"] or {}).get("description") or "").strip()
    said = Words(text, text) if text else Words("Nobody has written it down.", "未填写。")
    rows: list[list[Cell]] = [[Words("Version", "版本"), str(facts["version"])]]
    if facts["aliases"]:
        rows.append([Words("Aliases", "别名"), ", ".join(facts["aliases"])])
    if fitted.get("task") in TASKS:
        rows.append([Words("Task", "任务"), TASKS[fitted["task"]]])
    if fitted.get("label") is not None:
        rows.append([Words("Predicts column", "预测列"), str(fitted["label"])])
    rows.append([Words("Algorithm", "算法"), _kind_name(fitted.get("algo_name")) or str(fitted.get("class", "–"))])
    if fitted.get("task") == "binary":
        rows.append([Words("Positive label", "正例值"), str(fitted.get("positive"))])
    return Words("Purpose", "用途"), [paragraph(said), table(TWO_COLUMNS, rows)]


def _kind_name(algo_name: str | None) -> Words | None:
    kind = kinds().get(algo_name or "")
    return None if kind is None else Words(kind["name_en"], kind["name_zh"])


def data(facts: Facts) -> Section:
    """The tables from outside, the split, what the model was trained on, and its features."""
    parts = []
    sources: list[list[Cell]] = [
        [one["operator"], _source(facts, one["operator"]), one["rows"], _short(one["content_id"])]
        for one in facts["data"]
    ]
    if sources:
        header = [Words("Data", "数据"), Words("From", "来自"), Words("Rows", "行数"), Words("Content", "内容标识")]
        parts.append(table(header, sources))
    else:
        parts.append(paragraph(Words("Where the data came from isn't known.", "数据来源未知。")))
    if facts["files"]:
        files: list[list[Cell]] = [[name, _short(content)] for name, content in facts["files"].items()]
        parts.append(table([Words("File", "文件"), Words("Content", "内容标识")], files))
    parts += [_split(one) for one in facts["splits"]]
    if not facts["splits"]:
        parts.append(paragraph(Words("No operator split the data.", "没有算子对数据做过划分。")))
    training = facts["training"]
    if training is not None:
        rows = "?" if training["rows"] is None else f"{training['rows']:,}"
        where = f"{training['operator']}:{training['port']}"
        parts.append(
            paragraph(
                Words(
                    f"Trained on {rows} rows: output {where}, content {_short(training['content_id'])}.",
                    f"在 {rows} 行上训练：输出 {where}，内容标识 {_short(training['content_id'])}。",
                )
            )
        )
    schema = (facts["manifest"] or {}).get("input_schema") or []
    if schema:
        features: list[list[Cell]] = [[one["name"], one.get("type")] for one in schema[:MAX_SHOWN]]
        parts.append(table([Words("Feature", "特征"), Words("Type", "类型")], features))
        if len(schema) > MAX_SHOWN:
            more = len(schema) - MAX_SHOWN
            parts.append(
                paragraph(Words(f"{more:,} more features are left out here.", f"此处省略其余 {more:,} 个特征。"))
            )
    return Words("Data and split", "数据与划分"), parts


def _source(facts: Facts, operator: str) -> str:
    step = next((one for one in facts["steps"] if one["operator"] == operator), None)
    named = [str(value) for name, value in (step or {"params": {}})["params"].items() if name in ("data_id", "path")]
    return ", ".join(named) or (step["algo_name"] if step else "–")


def _short(content: str | None) -> str:
    if content is None:
        return "–"
    return content if len(content) <= CONTENT_SHOWN else content[:CONTENT_SHOWN] + "…"


def _split(split: dict[str, Any]) -> str:
    counts = [one["rows"] for one in split["parts"]]
    whole = sum(counts) if all(isinstance(count, int) for count in counts) else 0
    rows: list[list[Cell]] = [
        [f"{split['operator']}:{one['port']}", one["rows"], f"{one['rows'] / whole:.1%}" if whole else None]
        for one in split["parts"]
    ]
    return table([Words("Split", "划分"), Words("Rows", "行数"), Words("Share", "占比")], rows)


def parameters(facts: Facts) -> Section:
    """Of each operator that leads to the model, given or by default; the trainer's first."""
    parts = []
    if facts["dag_parameters"]:
        given: list[list[Cell]] = [[name, _shown(value)] for name, value in facts["dag_parameters"].items()]
        parts.append(table([Words("Parameter of the DAG", "流程参数"), Words("Value", "取值")], given))
    for step in sorted(facts["steps"], key=lambda one: one["operator"] != facts["trainer"]):
        rows = _parameters_of(step)
        if not rows:
            continue
        name = _kind_name(step["algo_name"])
        words = Words(name.en, name.zh) if name else Words(step["algo_name"], step["algo_name"])
        parts.append(paragraph(Words(f"{step['operator']}: {words.en}", f"{step['operator']}：{words.zh}")))
        header = [Words("Parameter", "参数"), Words("Value", "取值")]
        parts.append(table(header, rows[:MAX_SHOWN]))
    if not parts:
        parts.append(
            paragraph(Words("They aren't known: the run's DAG can't be read.", "未知：无法读取该运行的流程。"))
        )
    return Words("Parameters", "参数"), parts


def _parameters_of(step: dict[str, Any]) -> list[list[Cell]]:
    declared = {one["name"]: one for one in kinds().get(step["algo_name"], {"params": []})["params"]}
    rows: list[list[Cell]] = []
    for name in [*declared, *(one for one in step["params"] if one not in declared)]:
        about = declared.get(name, {})
        label = Words(f"{about['label_en']} ({name})", f"{about['label_zh']}（{name}）") if about else name
        if name in step["params"]:
            rows.append([label, _shown(step["params"][name])])
        elif about.get("default") is not None:
            text = _shown(about["default"])
            rows.append([label, Words(f"{text} (default)", f"{text}（默认）")])
    return rows


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def figures(facts: Facts, found: list[Judged]) -> Section:
    """Each figure, with its interval where the judged rows are still there."""
    parts = []
    known: dict[str, float] = {}
    for one in found:
        parts.append(paragraph(Words(f"{one.operator}: {one.note.en}", f"{one.operator}：{one.note.zh}")))
        lines: list[list[Cell]] = [
            [_figure(name), figure.value, figure.low, figure.high] for name, figure in one.figures.items()
        ]
        header = [Words("Figure", "指标"), Words("Value", "取值"), Words("From", "下限"), Words("To", "上限")]
        parts.append(table(header, lines))
        known |= {name: figure.value for name, figure in one.figures.items() if figure.value is not None}
    others = {name: value for name, value in facts["metrics"].items() if known.get(name) != value}
    if others:
        parts.append(paragraph(Words("Registered with the version:", "随版本登记：")))
        registered: list[list[Cell]] = [
            [_figure(name), value if isinstance(value, (int, float)) else _shown(value)]
            for name, value in others.items()
        ]
        parts.append(table([Words("Figure", "指标"), Words("Value", "取值")], registered))
    if not parts:
        why = Words(
            "None: nothing judged the model in its run. Connect an evaluation to register_model.",
            "无：该运行中没有评估此模型。请将评估算子连接到“模型注册”。",
        )
        parts.append(paragraph(why, "warning"))
    return Words("Figures", "指标"), parts


def _figure(name: str) -> Words:
    return Words(name, FIGURE_NAMES_ZH.get(name, name))


def importance(facts: Facts) -> Section:
    """As the run's `feature_importance` told it, or how to get it."""
    heading = Words("Importance of features", "特征重要性")
    parts = []
    for operator, told in facts["importances"]:
        for section in told.get("sections", [])[:1]:
            values = [(str(row[0]), float(row[1])) for row in section["rows"][:MAX_SHOWN]]
            parts.append(paragraph(Words(f"{operator}: {section['title_en']}", f"{operator}：{section['title_zh']}")))
            parts.append(bars(values))
    if not parts:
        why = Words(
            "None was computed in the run; the operator feature_importance does.",
            "该运行未计算；可使用“特征重要性评估”算子。",
        )
        parts.append(paragraph(why))
    return heading, parts


def lineage(facts: Facts) -> Section:
    """The run, the DAG, the file and the software that the version came from."""
    manifest = facts["manifest"] or {}
    fitted = _fitted(facts)
    moment = datetime.fromtimestamp(facts["registered_at_ms"] / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    versions = ", ".join(f"{name} {version}" for name, version in sorted(fitted.get("library_versions", {}).items()))
    sha256 = (manifest.get("artifact") or {}).get("sha256")
    rows: list[list[Cell]] = [
        [Words("Registered", "注册时间"), moment],
        [Words("Run", "运行"), facts["run_id"]],
        [Words("Registered by", "注册算子"), facts["operator"] or "–"],
        [Words("Trained by", "训练算子"), facts["trainer"] or "–"],
        [Words("DAG", "流程"), f"{facts['dag']} v{facts['dag_version']}"],
        [Words("Random seed", "随机种子"), str(facts["seed"])],
        [Words("Model file", "模型文件"), f"SHA-256 {sha256}, {facts['bytes']:,} B" if sha256 else "–"],
        [Words("Class", "类"), str(fitted.get("class", "–"))],
        [Words("Software", "软件版本"), versions or "–"],
        [Words("Python environment", "Python 环境"), facts["environment"] or "–"],
    ]
    return Words("Lineage", "来源"), [table(TWO_COLUMNS, rows)]
