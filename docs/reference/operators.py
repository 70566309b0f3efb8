"""Writes the table of operators from their manifest; its output is docs/reference/operators.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MANIFEST = Path(__file__).parents[2] / "python/suanzi/operators/manifest.json"
CATEGORIES = {
    "source": "Reading data / 数据读取",
    "preprocess": "Preprocessing / 预处理",
    "feature": "Features / 特征工程",
    "train": "Training / 训练",
    "predict": "Prediction / 预测",
    "evaluate": "Evaluation / 评估",
    "deploy": "Deployment / 部署",
    "other": "Other / 其他",
}


def ports(specs: list[dict[str, Any]]) -> str:
    names = [f"{at} {spec['name']} ({spec['type']})" for at, spec in enumerate(specs)]
    return ", ".join(names) or "–"


def cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def main() -> None:
    operators = json.loads(MANIFEST.read_text(encoding="utf-8"))["operators"]
    print("# Operators / 算子\n")
    print("Made from the manifest by `docs/reference/operators.py`; a test compares the two.")
    print("`suanzi operators NAME` shows one with its parameters.")
    for category, title in CATEGORIES.items():
        print(f"\n## {title}\n")
        print("| operator | name | 名称 | inputs | outputs | what it does |")
        print("|---|---|---|---|---|---|")
        for spec in operators:
            if spec["category"] == category:
                columns = [f"`{spec['algo_name']}`", spec["name_en"], spec["name_zh"]]
                columns += [ports(spec["inputs"]), ports(spec["outputs"]), spec["doc_en"]]
                print("| " + " | ".join(cell(column) for column in columns) + " |")


if __name__ == "__main__":
    main()
