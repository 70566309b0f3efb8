"""`python -m suanzi.tables`: looking into files, importing with chosen types, writing for download."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from suanzi.tables.copying import write_arrow, write_stream
from suanzi.tables.look import look
from suanzi.tables.refusal import RefusalError
from suanzi.tables.samples import reviews
from suanzi.tables.source import open_source
from suanzi.tables.types import CHOICES, type_name


def ask(request: dict[str, Any]) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "suanzi.tables"]
    return subprocess.run(command, input=json.dumps(request).encode(), capture_output=True, check=False)


def types(path: Path, format_: str) -> dict[str, str]:
    return {c["name"]: c["type"] for c in look(open_source(path, format_))["columns"]}


def imported(path: Path, format_: str, out: Path, **chosen: str) -> pa.Table:
    columns = [{"name": name, "type": type_} for name, type_ in chosen.items()]
    write_arrow(open_source(path, format_, columns), out)
    with pa.memory_map(str(out)) as source:
        return pa.ipc.open_file(source).read_all()


CSV = "id,name,when,ok,score,empty\n007,张三,2026-01-02,true,1.5,\n008,李四,2026-01-03,false,,\n"


def test_types_are_inferred_and_shown_with_examples(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(CSV)
    found = look(open_source(file, "csv"))
    assert [(c["name"], c["type"]) for c in found["columns"]] == [
        ("id", "int64"),
        ("name", "string"),
        ("when", "date32"),
        ("ok", "bool"),
        ("score", "float64"),
        ("empty", "float64"),
    ]
    assert found["columns"][1]["examples"] == ["张三", "李四"]
    assert [c["nullable"] for c in found["columns"]] == [False, False, False, False, True, True]
    assert (found["rows_sampled"], found["whole"]) == (2, True)


def test_chosen_types_hold(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(CSV)
    table = imported(file, "csv", tmp_path / "o.arrow", id="string", score="float32")
    assert table.column("id").to_pylist() == ["007", "008"]
    assert (table.schema.field("id").type, table.schema.field("score").type) == (pa.string(), pa.float32())


@pytest.mark.parametrize("name", CHOICES)
def test_every_offered_type_can_be_had(tmp_path: Path, name: str) -> None:
    text = "true" if name == "bool" else "2026-01-02" if "date" in name else "7"
    if "timestamp" in name:
        text = "2026-01-02 03:04:05" + ("Z" if "UTC" in name else "")
    (tmp_path / "a.csv").write_text(f"x\n{text}\n")
    (tmp_path / "a.jsonl").write_text(json.dumps({"x": True if name == "bool" else text}) + "\n")
    for file, format_ in [("a.csv", "csv"), ("a.jsonl", "jsonl")]:
        table = imported(tmp_path / file, format_, tmp_path / "o.arrow", x=name)
        assert type_name(table.schema.field("x").type) == name and table.column("x").null_count == 0


@pytest.mark.parametrize(
    ("text", "format_", "columns", "message", "hint"),
    [
        ("a,b\n1,2\n3\n", "csv", None, "row 2: 1 fields where the header has 2", "mend that row"),
        ("a\n1\nx\n", "csv", [("a", "int64")], "column 'a', row 2: 'x' is no int64", "'string' takes everything"),
        ("a,a\n1,2\n", "csv", None, "several columns called 'a'", "rename"),
        ("a\n1\n", "csv", [("b", "int64")], "no column 'b'", "it has: a"),
        ("a\n1\n", "csv", [("a", "int46")], "'int46' can't be asked for", "did you mean 'int64'?"),
        ("a\n1\n", "csv", [("a", "int64"), ("a", "bool")], "named twice", "once"),
        ("a\0b\n1\n", "csv", None, "NUL bytes", "format"),
        ("\n\n", "csv", None, "no header", "first line"),
        ('{"a": 1}\n{"a": \n', "jsonl", None, "line 2 is not JSON", "mend the line"),
        ("[1]\n", "jsonl", None, "line 1 is not an object", "column"),
        ('{"a": 1}\n\n{"a": "x"}\n', "jsonl", [("a", "int64")], "column 'a', line 3: x is no int64", "another type"),
        ("PAR1 nonsense", "parquet", None, "not readable Parquet", "how it was written"),
        ("", "csv", None, "is empty", "check"),
        ("a\n", "xlsx", None, "'xlsx' is not known", "csv"),
    ],
)
def test_what_is_wrong_is_said_with_place_and_remedy(
    tmp_path: Path, text: str, format_: str, columns: list[tuple[str, str]] | None, message: str, hint: str
) -> None:
    file = tmp_path / "a"
    file.write_text(text)
    chosen = None if columns is None else [{"name": n, "type": t} for n, t in columns]
    with pytest.raises(RefusalError) as raised:
        write_arrow(open_source(file, format_, chosen), tmp_path / "o.arrow")
    assert message in raised.value.message and hint in (raised.value.hint or "")


def test_encodings_delimiters_and_headers(tmp_path: Path) -> None:
    for number, (raw, format_, expected) in enumerate(
        [
            ("姓名;年龄\n张三;1\n".encode("gb18030"), "csv", {"姓名": "string", "年龄": "int64"}),
            ("\ufeffa\tb\n1\t2\n".encode(), "csv", {"a": "int64", "b": "int64"}),
            (b"a\tb,c\n1\t2\n", "tsv", {"a": "int64", "b,c": "int64"}),
            (b",x\n0,1\n", "csv", {"column_1": "int64", "x": "int64"}),
            (b'"two\nlines",y\n1,2\n', "csv", {"two\nlines": "int64", "y": "int64"}),
            (b"only_header,b\n", "csv", {"only_header": "float64", "b": "float64"}),
            (b"a,b\r\n1,2\r\n", "csv", {"a": "int64", "b": "int64"}),
        ]
    ):
        file = tmp_path / f"{number}.csv"
        file.write_bytes(raw)
        assert types(file, format_) == expected, raw
        assert imported(file, format_, tmp_path / "o.arrow").column_names == list(expected)


def test_json_lines_are_flattened_and_late_fields_ask_for_a_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("suanzi.tables.json_lines.BLOCK_BYTES", 200)
    file = tmp_path / "a.jsonl"
    rows = [{"a": {"b": n, "c": "x"}, "list": [1], "mixed": n if n % 2 else "t"} for n in range(20)]
    file.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"late": 5}]))
    assert types(file, "jsonl") == {"a.b": "int64", "a.c": "string", "list": "string", "mixed": "string"}
    with pytest.raises(RefusalError, match="line 21: the field 'late'"):
        imported(file, "jsonl", tmp_path / "o.arrow")
    table = imported(file, "jsonl", tmp_path / "o.arrow", late="int64")
    assert table.num_rows == 21 and table.column("late").to_pylist() == [None] * 20 + [5]
    assert table.column("mixed").to_pylist()[:2] == ["t", "1"]


def test_parquet_keeps_its_types_and_casts_without_loss(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"x": [1, 2, 300], "d": pa.array(["p", "q", "p"]).dictionary_encode()}), file)
    table = imported(file, "parquet", tmp_path / "o.arrow", x="int16")
    assert table.schema.field("x").type == pa.int16() and pa.types.is_dictionary(table.schema.field("d").type)
    with pytest.raises(RefusalError, match="column 'x', rows 1 to 3"):
        imported(file, "parquet", tmp_path / "o.arrow", x="int8")


def test_downloads_read_back(tmp_path: Path) -> None:
    table = pa.table(
        {"i": [1, None], "t": ['a,"b"\n', "中"], "l": [[1, 2], None], "d": pa.array(["p", "q"]).dictionary_encode()}
    )
    path = tmp_path / "t.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    written = {}
    for format_ in ("csv", "parquet", "jsonl"):
        to = io.BytesIO()
        write_stream(open_source(path, "arrow"), format_, to)
        written[format_] = to.getvalue()
    assert parquet.read_table(io.BytesIO(written["parquet"])).to_pydict() == table.to_pydict()
    back = csv.read_csv(io.BytesIO(written["csv"]), parse_options=csv.ParseOptions(newlines_in_values=True))
    assert back.column("t").to_pylist() == table.column("t").to_pylist() and back.column("l")[0].as_py() == "[1, 2]"
    assert [json.loads(line) for line in written["jsonl"].splitlines()] == table.to_pylist()


def test_the_program_answers_and_refuses(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a\n1\n")
    answer = ask({"do": "look", "path": str(file), "format": "csv"})
    assert answer.returncode == 0 and json.loads(answer.stdout)["ok"]["columns"][0]["name"] == "a"
    refused = ask({"do": "look", "path": str(tmp_path / "none"), "format": "csv"})
    assert json.loads(refused.stdout)["error"]["hint"] == "upload it again"
    broken = ask({"do": "export", "path": str(file), "format": "csv"})
    assert broken.returncode == 1 and b"no readable Arrow table" in broken.stderr and broken.stdout == b""


def test_samples_are_the_same_each_time(tmp_path: Path) -> None:
    for kind, rows in [("credit", 30_000), ("reviews", 3_000)]:
        answers = [ask({"do": "sample", "kind": kind, "out": str(tmp_path / f"{kind}{n}")}) for n in range(2)]
        assert json.loads(answers[0].stdout)["ok"]["rows"] == rows
        assert (tmp_path / f"{kind}0").read_bytes() == (tmp_path / f"{kind}1").read_bytes()
    share = sum(reviews().column("positive").to_pylist()) / 3_000
    assert 0.5 < share < 0.7
