"""One small demo for all tests of this folder; they only read it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tools.demo import DemoReport, build_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoReport:
    """The workspace that `transect demo` gives."""
    return build_demo(tmp_path_factory.mktemp("demo") / "workspace")


@pytest.fixture(scope="session")
def other_seed(tmp_path_factory: pytest.TempPathFactory) -> DemoReport:
    """A demo of another seed."""
    return build_demo(tmp_path_factory.mktemp("other") / "workspace", seed=1)


@pytest.fixture
def warehouse(demo: DemoReport) -> Iterator[duckdb.DuckDBPyConnection]:
    """Its warehouse, read-only."""
    with duckdb.connect(str(demo.directory / "data/warehouse.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def truth(demo: DemoReport) -> dict[str, Any]:
    """What is true of it."""
    read: dict[str, Any] = json.loads(demo.truth.read_text(encoding="utf-8"))
    return read


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(__file__).parents[2]
