"""Reading, splitting and choosing rows and columns, as pandas and pyarrow do it."""

from __future__ import annotations

from suanzi.export.script import Script, Step, literal

READ = '''
def read_table(path):
    """CSV (tabs where the name ends in .tsv), Parquet or Arrow, with the types that the values have."""
    if path.endswith((".parquet", ".pq")):
        table = parquet.read_table(path)
    elif path.endswith(".arrow"):
        with open(path, "rb") as file:
            table = ipc.open_file(file).read_all()
    else:
        delimiter = "\\t" if path.endswith(".tsv") else ","
        table = csv.read_csv(path, parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=True))
    return table.to_pandas()
'''
FILE = '''
def data_file(key):
    """The file of a data set: one named on the command line as KEY=FILE, else that of the export."""
    named = dict(argument.split("=", 1) for argument in sys.argv[1:] if "=" in argument)
    return named.get(key, FILES[key])
'''
PEOPLE = "people"


def read_file(script: Script, step: Step) -> None:
    script.helper(READ, "from pyarrow import csv, ipc, parquet")
    script.helper(FILE, "import sys")
    script.line(f'{step.output("data")} = read_table(data_file("{step.params["data_id"]}"))')


def read_path(script: Script, step: Step) -> None:
    script.helper(READ, "from pyarrow import csv, ipc, parquet")
    script.line(f"{step.output('data')} = read_table({literal(step.files.get('path', step.params['path']))})")


def sample_dataset(script: Script, step: Step) -> None:
    name, params = step.params["name"], step.params
    out = step.output("data")
    made = {"classification", "regression", "blobs", "moons"}
    if name == PEOPLE:
        import inspect

        from suanzi.operators.source.people import people

        source = inspect.getsource(people).replace(
            "rows: int, random_state: int | None) -> pd.DataFrame", "rows, random_state)"
        )
        source = source.replace("    import numpy as np\n    import pandas as pd\n\n", "")
        script.helper(source, "import numpy as np", "import pandas as pd")
        script.line(f"{out} = people({params['rows']}, {step.random_state()})")
        return
    if name not in made:
        script.need("from sklearn import datasets")
        script.line(f"{out} = datasets.load_{name}(as_frame=True).frame", f"{out}.columns = {out}.columns.astype(str)")
        return
    script.need("from sklearn import datasets", "import pandas as pd")
    rows, features = params["rows"], params["features"]
    shared = f"n_samples={rows}, random_state={step.random_state()}"
    if name == "moons":
        call = f"datasets.make_moons(noise=0.1, {shared})"
    elif name == "classification":
        informative = max(2, features // 2)
        redundant = min(2, features - informative)
        call = (
            f"datasets.make_classification(n_features={features}, n_informative={informative}, "
            f"n_redundant={redundant}, {shared})"
        )
    elif name == "regression":
        call = (
            f"datasets.make_regression(n_features={features}, n_informative={min(10, features)}, noise=1.0, {shared})"
        )
    else:
        call = f"datasets.make_blobs(n_features={features}, centers=3, {shared})"
    script.line(
        f"x, y = {call}",
        f'{out} = pd.DataFrame(x, columns=[f"x{{position}}" for position in range(x.shape[1])]).assign(target=y)',
    )


def split(script: Script, step: Step) -> None:
    params = step.params
    size = params["test_size"]
    size = int(size) if size >= 1 else size
    stratify = f", stratify={step.table()}[{literal(params['stratify'])}]" if params.get("stratify") else ""
    options = f"test_size={size}, random_state={step.random_state()}{stratify}"
    if not params.get("shuffle", True):
        options = f"test_size={size}, shuffle=False"
    _split(script, step, options)


def split_2018(script: Script, step: Step) -> None:
    params = step.params
    if params["split_type"] == 1:
        seed = step.seed if params["ext2"] in (None, "") else int(params["ext2"])
        _split(script, step, f"train_size={float(params['ext1'])}, random_state={seed}")
        return
    table, column, value = step.table(), literal(params["ext1"]), literal(params["ext2"])
    script.line(
        f"below = {table}[{column}] <= {value}",
        f"{step.output(step.outputs[0])} = {table}[below].reset_index(drop=True)",
        f"{step.output(step.outputs[1])} = {table}[~below].reset_index(drop=True)",
    )


def _split(script: Script, step: Step, options: str) -> None:
    script.need("from sklearn.model_selection import train_test_split")
    train, test = (step.output(name) for name in step.outputs)
    script.line(
        f"{train}, {test} = (",
        f"    part.reset_index(drop=True) for part in train_test_split({step.table()}, {options})",
        ")",
    )


def select_columns(script: Script, step: Step) -> None:
    columns = literal(step.params["columns"])
    drop = step.params["mode"] == "drop"
    text = f"{step.table()}.drop(columns={columns})" if drop else f"{step.table()}[{columns}]"
    script.line(f"{step.output('data')} = {text}")


TEMPLATES = {
    "algo_local_read_file": read_file,
    "read_csv": read_path,
    "read_parquet": read_path,
    "sample_dataset": sample_dataset,
    "split": split,
    "algo_local_split_data": split_2018,
    "select_columns": select_columns,
}
