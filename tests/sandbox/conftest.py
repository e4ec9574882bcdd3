"""A projection to open: one table, made by hand."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tools.sandbox.worker import Projection


@pytest.fixture
def projection(tmp_path: Path) -> Projection:
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute("create table t as select range as a from range(100)")
    return Projection(tmp_path / "w.duckdb", (), "UTC", memory_mb=128)
