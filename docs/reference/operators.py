"""Writes the table of operators from their manifest; its output is docs/reference/operators.md."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))
from suanzi.operators.generated.names import LEFT_OUT, MADE_BY_HAND  # noqa: E402 (a clone need not be installed)

GENERATED = """
## scikit-learn's estimators / scikit-learn 估计器

Each estimator and transformer that `sklearn.utils.all_estimators()` lists has one operator. Where one is made by hand, that
one stands for the class; for the others the operator is made from the class: `sk_` and its name in small letters, as
`sklearn.ensemble.ExtraTreesClassifier` → `sk_extra_trees_classifier`. Its parameters are the constructor's, with
scikit-learn's own constraints; `n_jobs`, `verbose`, `warm_start`, `copy`, `memory`, `cache_size`, `dtype`, sparse output and
parameters that take functions are left to the engine. Classifiers and regressors give the model and the estimator before
training (for searches, voting, stacking); transformers give the table and the fitted step.
"""
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


def generated() -> None:
    """How the estimators of scikit-learn are named, and which have no generated operator."""
    print(GENERATED)
    print("| class | stands for it | why |")
    print("|---|---|---|")
    rows = {name: (f"`{kind}`", "made by hand") for name, kind in MADE_BY_HAND.items()}
    rows |= {name: ("–", f"{why} / {zh}") for name, (why, zh) in LEFT_OUT.items()}
    for name, (kind, why) in sorted(rows.items()):
        print(f"| `{name}` | {kind} | {cell(why)} |")


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
                columns = [
                    f"[`{spec['algo_name']}`](operators/{spec['algo_name']}.md)",
                    spec["name_en"],
                    spec["name_zh"],
                ]
                columns += [ports(spec["inputs"]), ports(spec["outputs"]), spec["doc_en"]]
                print("| " + " | ".join(cell(column) for column in columns) + " |")
    generated()


if __name__ == "__main__":
    main()
