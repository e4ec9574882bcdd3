"""A workspace made of SQL and YAML, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import duckdb

from tools.access import Asker
from tools.metrics import MetricQuery, QueryResult, run_query
from tools.workspace import Workspace, load_workspace

ANALYST = Asker(person="ada", roles=("analyst",))
CAREFUL = Asker(person="cai", roles=("careful",))
LIMITED = Asker(person="lin", roles=("limited",))


def build_place(
    directory: Path, *, sql: str, metrics: str, zone: str = "UTC", min_cell: int = 3, limited: str = ""
) -> Workspace:
    """A workspace whose role `analyst` sees everything, `careful` too but no small cell, `limited` what it says."""
    (directory / "metrics").mkdir(parents=True)
    (directory / "data").mkdir()
    with duckdb.connect(str(directory / "data" / "warehouse.duckdb")) as connection:
        connection.execute(dedent(sql))
        listing = (
            "select table_name from duckdb_tables() union all select view_name from duckdb_views() where not internal"
        )
        tables = [row[0] for row in connection.execute(listing).fetchall()]
    listed = ", ".join(f"'{t}'" if "'" not in t else f'"{t}"' for t in tables)
    (directory / "metrics" / "all.yml").write_text(dedent(metrics), encoding="utf-8")
    (directory / "transect.toml").write_text(
        f"""
[workspace]
timezone = "{zone}"
[access.roles.analyst]
tables = [{listed}]
min_cell = 1
[access.roles.careful]
tables = [{listed}]
min_cell = {min_cell}
[access.roles.limited]
{limited or f"tables = [{listed}]"}
min_cell = 1
""",
        encoding="utf-8",
    )
    return load_workspace(directory)


def ask(workspace: Workspace, asker: Asker = ANALYST, **query: Any) -> QueryResult:
    """Run a query given as keywords."""
    return run_query(MetricQuery.model_validate(query), workspace=workspace, asker=asker)


def cells(result: QueryResult) -> list[tuple[Any, ...]]:
    """Per figure: slice values, then the value."""
    return [(*f.slice.values(), f.value) for f in result.figures]


def by_hand(workspace: Workspace, sql: str) -> list[tuple[Any, ...]]:
    """Rows of SQL written by hand."""
    with duckdb.connect(str(workspace.root / "data" / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def sorted_rows(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows in an order of their own, so that only the contents are compared."""
    return sorted(rows, key=lambda row: [(v is None, str(v)) for v in row[:-1]])
