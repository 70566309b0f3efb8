"""Writes a page for each operator into docs/reference/operators/: ports, parameters, and an example that runs.

`python docs/reference/operator_pages.py [FOLDER]`, with the Python that has the package suanzi.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from suanzi.operators.examples.dag import as_yaml, example
from suanzi.sdk import discovery

FOLDER = Path(__file__).parent / "operators"
LIMITS = (("minimum", "≥"), ("exclusive_minimum", ">"), ("maximum", "≤"), ("exclusive_maximum", "<"))


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(exist_ok=True)
    written = set()
    for name, op in sorted(discovery.of_package("suanzi.operators").operators.items()):
        target = folder / f"{name}.md"
        target.write_text(page(op), encoding="utf-8")
        written.add(target)
    for old in set(folder.glob("*.md")) - written:
        old.unlink()


def page(op: Any) -> str:
    spec = op.spec()
    lines = [f"# {spec['name_en']} / {spec['name_zh']}", "", f"`{op.algo_name}` · {spec['category']}", ""]
    lines += [spec["doc_en"], "", spec["doc_zh"], ""]
    if op.requires:
        commands = ", ".join(f"`{one['install']}`" for one in spec["requires"])
        lines += [f"Needs a package that not every installation has / 需要附加包: {commands}", ""]
    facts = [text for flag, text in ((op.random, RANDOM), (not op.deterministic, CHANGES)) if flag]
    lines += [*(["", *facts, ""] if facts else [])][1:]
    lines += ["## Ports / 端口", "", "| | number | name | type | |", "|---|---|---|---|---|"]
    for title, ports in (("input", spec["inputs"]), ("output", spec["outputs"])):
        for at, port in enumerate(ports):
            notes = [port.get("doc_en", ""), port.get("doc_zh", "")]
            notes += [] if port.get("required", True) else ["may be left open / 可不连接"]
            notes += ["any number of edges / 任意多条边"] if port.get("variadic") else []
            lines.append(f"| {title} | {at} | {port['name']} | {port['type']} | {'; '.join(n for n in notes if n)} |")
    params = [param for param in spec["params"] if not param["legacy"]]
    legacy = [f"`{param['name']}`" for param in spec["params"] if param["legacy"]]
    if params:
        lines += ["", "## Parameters / 参数", "", "| name | values | default | |", "|---|---|---|---|"]
        lines += [row(param) for param in params]
    if legacy:
        lines += ["", f"Of older versions, accepted / 旧版本参数，接受: {', '.join(legacy)}"]
    lines += ["", "## Example / 示例", "", "```yaml", as_yaml("example", example(op)).rstrip(), "```", ""]
    return "\n".join(lines)


RANDOM = (
    "Draws at random: an empty `random_state` is the run's seed. / 含随机性：random_state 留空时使用本次运行的种子。"
)
CHANGES = "Its result may change between runs and is not cached. / 结果可能随时间变化，不缓存。"


def row(param: dict[str, Any]) -> str:
    values = param["kind"]
    limits = [f"{sign} {param[key]:g}" for key, sign in LIMITS if key in param]
    if limits:
        values += " " + " and ".join(limits)
    if param.get("choices"):
        choices = ", ".join(f"`{choice}`" for choice in param["choices"])
        values = choices if param["kind"] == "choice" else f"{values}, or {choices}"
    default = "required / 必填" if param["required"] else f"`{json.dumps(param['default'], ensure_ascii=False)}`"
    help_zh = "" if param["help_zh"] == param["help_en"] else param["help_zh"]
    helps = " / ".join(text for text in (param["help_en"], help_zh) if text)
    label = f"{param['label_en']} / {param['label_zh']}: " if param["label_en"] else ""
    cells = [f"`{param['name']}`", values, default, label + helps]
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"


if __name__ == "__main__":
    main()
