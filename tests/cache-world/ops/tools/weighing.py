"""Two imports away from the file that declares the operators."""


def weighed(columns: dict, weights: dict) -> dict:
    return {name: sum(columns[name]) * weight + 3 for name, weight in weights.items()}
