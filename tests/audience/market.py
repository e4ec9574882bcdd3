"""The market place of the matrix: built once, read by many."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

HERE = Path(__file__).parent


def build_market(directory: Path) -> Path:
    """A fresh workspace in `directory`: settings, definitions, warehouse and the store of item texts."""
    shutil.copytree(HERE / "market", directory)
    (directory / "data").mkdir()
    for script, name in (("market.sql", "warehouse.duckdb"), ("market_content.sql", "content.duckdb")):
        with duckdb.connect(str(directory / "data" / name)) as connection:
            connection.execute((HERE / script).read_text(encoding="utf-8"))
    return directory
