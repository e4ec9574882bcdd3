"""One market place for every case of a worker."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.audience.market import build_market, write_places


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace; cases only read it."""
    return build_market(tmp_path_factory.mktemp("audience") / "market")


@pytest.fixture(scope="session")
def truth(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The raw tables, in a copy that the product never opens."""
    copy = tmp_path_factory.mktemp("truth") / "truth.duckdb"
    shutil.copyfile(market / "data" / "warehouse.duckdb", copy)
    with duckdb.connect(str(copy), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Files that commands name."""
    return write_places(tmp_path_factory.mktemp("files") / "places")


@pytest.fixture
def places(files: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """What `{name}` stands for in a command; `{out}` is a file of the case's own."""
    return {**files, "out": str(tmp_path / "drawn.csv")}
