"""Replaced attributes of modules and classes are found, however they are looked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from suanzi.worker import dict_versions
from suanzi.worker.dict_versions import DictVersions, readable, version_of
from suanzi.worker.patches import PatchWatch


@pytest.fixture(params=["versions", "everything"])
def watch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> PatchWatch:
    """By the numbers of CPython 3.11's dicts, and as on other Pythons."""
    if request.param == "everything":
        monkeypatch.setattr(dict_versions, "readable", lambda: False)
    elif not readable():
        pytest.skip("this Python's dicts have no versions that are known")
    found = PatchWatch()
    assert (found.versions is None) == (request.param == "everything")
    return found


@pytest.fixture
def attribute(request: pytest.FixtureRequest) -> Iterator[tuple[Any, str]]:
    owner, name = request.param
    before = vars(owner)[name]
    yield owner, name
    setattr(owner, name, before)


PLACES = [(json, "dumps"), (json.JSONDecoder, "decode")]
in_module_and_class = pytest.mark.parametrize("attribute", PLACES, indirect=True, ids=["module", "class"])


@in_module_and_class
def test_a_replaced_attribute_is_found_each_time_it_is_asked(watch: PatchWatch, attribute: tuple[Any, str]) -> None:
    owner, name = attribute
    assert watch.changed() is None
    setattr(owner, name, lambda *_args: "mine")
    for _ in range(2):
        assert f"{name} was changed" in (watch.changed() or "")


@in_module_and_class
def test_a_renewed_watch_takes_what_is_there_now(watch: PatchWatch, attribute: tuple[Any, str]) -> None:
    owner, name = attribute
    setattr(owner, name, lambda *_args: "ours")
    renewed = watch.renewed()
    assert (renewed is watch) == (watch.versions is not None)
    assert renewed.changed() is None
    setattr(owner, name, lambda *_args: "mine")
    assert f"{name} was changed" in (renewed.changed() or "")


@in_module_and_class
def test_what_was_put_back_is_no_change(watch: PatchWatch, attribute: tuple[Any, str]) -> None:
    owner, name = attribute
    before = vars(owner)[name]
    for _ in range(2):
        setattr(owner, name, lambda *_args: "mine")
        setattr(owner, name, before)
        assert watch.changed() is None
    setattr(owner, name, lambda *_args: "mine")
    assert f"{name} was changed" in (watch.changed() or "")


@pytest.mark.parametrize("owner", [json, json.JSONDecoder], ids=["module", "class"])
def test_an_added_attribute_is_found(watch: PatchWatch, owner: Any) -> None:
    owner.mess = 1
    try:
        assert "mess was changed" in (watch.changed() or "")
    finally:
        del owner.mess
    assert watch.changed() is None


def test_a_replaced_module_is_found(watch: PatchWatch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "json", type(sys)("json"))
    assert watch.changed() == "the module json was replaced"


def test_what_python_sets_itself_is_no_change(watch: PatchWatch) -> None:
    json.JSONDecoder.__slotnames__ = []  # type: ignore[attr-defined]
    try:
        assert watch.changed() is None
    finally:
        del json.JSONDecoder.__slotnames__  # type: ignore[attr-defined]


def test_every_watched_owner_is_asked_for_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    if not readable():
        pytest.skip("this Python's dicts have no versions that are known")
    watch = PatchWatch()
    assert watch.versions is not None
    for position in range(0, len(watch.snapshots), 50):
        _, owner, before = watch.snapshots[position]
        name = next((n for n in before if not n.startswith("__")), None)
        if isinstance(owner, type) and not owner.__flags__ & (1 << 9):
            continue  # not a heap type: nobody can set its attributes
        if name is None:
            continue
        monkeypatch.setattr(owner, "a_name_of_the_test", 1, raising=False)
        assert watch.versions.changed() == [position]
        watch.versions.accept()
        monkeypatch.undo()
        assert watch.changed() is None


def test_versions_change_with_every_kind_of_write() -> None:
    if not readable():
        pytest.skip("this Python's dicts have no versions that are known")
    one: dict[str, Any] = {"a": 1, "b": 2}
    others: list[dict[str, Any]] = [{}, {}]
    versions, version = DictVersions([others[0], one, others[1]]), version_of(one)
    for write in (
        lambda: one.update(a=3),
        lambda: one.pop("b"),
        lambda: one.setdefault("c", 1),
        lambda: exec("d = 1", {}, one),
        lambda: one.clear(),
    ):
        before = version()
        write()
        assert versions.changed() == [1]
        assert version() != before
        versions.accept()
        assert versions.changed() == []


def test_where_there_are_no_versions_everything_counts_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dict_versions, "readable", lambda: False)
    version = version_of({})
    assert version() != version()
    assert dict_versions.watch([json]) is None
