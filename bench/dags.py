"""The DAGs of the benchmarks, written as text."""

import itertools
import json


def dag(name: str, algo: str, ids: list[str], edges: list[tuple[str, str]]) -> str:
    """One kind of operator, edges from port 0; inputs are variadic and numbered in the order of the edges."""
    rels: dict[str, list[dict]] = {}
    taken: dict[str, int] = {}
    for source, target in edges:
        index = taken.get(target, 0)
        taken[target] = index + 1
        rels.setdefault(source, []).append({"target": target, "source_index": 0, "target_index": index})
    details = {i: {"algo_name": algo, "params": {}} for i in ids}
    return json.dumps(
        {
            "dag": {
                "name": name,
                "operator_list": ids,
                "operator_rels": rels,
                "operator_details": details,
            }
        }
    )


def chain(name: str, algo: str, n: int) -> str:
    ids = [f"t{i}" for i in range(n)]
    return dag(name, algo, ids, list(itertools.pairwise(ids)))


def independent(name: str, algo: str, n: int) -> str:
    ids = [f"t{i}" for i in range(n)]
    return dag(name, algo, [*ids, "join"], [(i, "join") for i in ids])
