"""A directory of its own: its edits concern nobody else."""

from suanzi.sdk import AnyValue, operator


@operator
def lonely(*inputs: AnyValue, word: str = "alone") -> AnyValue:
    return {"word": word, "inputs": len(inputs)}
