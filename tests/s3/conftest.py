"""One S3 server and one table for all tests here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from world import S3, environment, figures, run, table
from world import SEED as SEED_DAG


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    server = S3(tmp_path_factory.mktemp("moto") / "log")
    yield server
    server.end()


@pytest.fixture(autouse=True)
def clean(s3: S3) -> Iterator[None]:
    yield
    s3.gate.open()
    s3.gate.denies.clear()


@pytest.fixture(scope="session")
def credit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return table(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def wanted(tmp_path_factory: pytest.TempPathFactory, credit: Path) -> dict[str, object]:
    """What the seed's DAG comes to with artifacts in a directory."""
    home = tmp_path_factory.mktemp("directory")
    return figures(run(environment(home, None), SEED_DAG, "--dataset", f"40={credit}"))
