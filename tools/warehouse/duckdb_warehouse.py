"""The warehouse on DuckDB."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import Any

import duckdb

from tools.access import Asker
from tools.errors import TransectError
from tools.warehouse.duckdb_file import DuckDBFile
from tools.warehouse.rows import Params, Receipt, Rows, receipt_id
from tools.workspace import Settings, Workspace

_open: dict[tuple[Path, str], DuckDBWarehouse] = {}
_opening = Lock()


def open_warehouse(workspace: Workspace) -> DuckDBWarehouse:
    """The workspace's warehouse, one per file and settings in this process; the file is opened on first use."""
    key = (workspace.warehouse_path, workspace.settings.model_dump_json())
    with _opening:
        if key not in _open:
            _open[key] = DuckDBWarehouse(workspace)
        return _open[key]


class DuckDBWarehouse:
    """A Warehouse on one DuckDB file, read-only."""

    def __init__(self, workspace: Workspace) -> None:
        self._settings: Settings = workspace.settings
        self._file = DuckDBFile(
            workspace.warehouse_path,
            zone=workspace.settings.workspace.timezone,
            memory_mb=workspace.settings.limits.memory_mb,
            spill_dir=workspace.state_dir / "spill",
        )
        self._tables: tuple[str, dict[str, dict[str, str]]] | None = None

    def run_compiled(self, sql: str, params: Params = (), *, asker: Asker) -> Rows:
        """Run SQL that transect compiled from a typed query after `access.decide` allowed it.

        Raises:
            TransectError: the statement failed; our own words, the SQL in `value`.
        """
        fingerprint = self._file.fingerprint()
        start = perf_counter()
        with self._file.cursor() as cursor:
            try:
                columns, rows = fetch_all(cursor, sql, params)
            except duckdb.Error as error:
                raise _failed(error, sql) from error
        receipt = Receipt(
            id=receipt_id(sql, params, fingerprint),
            sql=sql,
            seconds=perf_counter() - start,
            row_count=len(rows),
            fingerprint=fingerprint,
        )
        return Rows(columns, rows, receipt)

    def run_untrusted(self, sql: str, *, asker: Asker) -> Rows:
        """Run SQL text that a person or a model wrote; raises Declined for whatever it may not do."""
        raise NotImplementedError

    def fingerprint(self) -> str:
        """A cheap mark of the data's state: it changes when the file is rewritten."""
        return self._file.fingerprint()

    def tables(self) -> dict[str, dict[str, str]]:
        """Table or view -> column -> DuckDB type; a table outside the schema main is named `schema.table`."""
        fingerprint = self._file.fingerprint()
        if self._tables is None or self._tables[0] != fingerprint:
            found: dict[str, dict[str, str]] = {}
            with self._file.cursor() as cursor:
                listed = cursor.execute(
                    "select schema_name, table_name, column_name, data_type from duckdb_columns() "
                    "where not internal and database_name = current_database() order by 1, 2, column_index"
                ).fetchall()
            for schema, table, column, kind in listed:
                found.setdefault(table if schema == "main" else f"{schema}.{table}", {})[column] = kind
            self._tables = (fingerprint, found)
        return self._tables[1]


def fetch_all(
    cursor: duckdb.DuckDBPyConnection, sql: str, params: Params
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Column names and rows. Times with a zone come back as the workspace's wall clock, without one."""
    cursor.execute(sql, params or None)
    described = cursor.description or []
    columns = tuple(str(item[0]) for item in described)
    zoned = [i for i, item in enumerate(described) if str(item[1]) == "TIMESTAMP WITH TIME ZONE"]
    if zoned:  # fetching them would need pytz
        names = [f"c{i}" for i in range(len(columns))]
        shown = [f"{name}::timestamp" if i in zoned else name for i, name in enumerate(names)]
        cursor.execute(f"select {', '.join(shown)} from ({sql}) as q({', '.join(names)})", params or None)
    return columns, cursor.fetchall()


def _failed(error: duckdb.Error, sql: str) -> TransectError:
    """A compiled statement that failed: a fault of ours or of the definitions, so its SQL is shown."""
    first = str(error).strip().splitlines()[0]
    if isinstance(error, duckdb.OutOfMemoryException):
        return TransectError(
            "The query needs more memory than limits.memory_mb allows.",
            code="out_of_memory",
            hint="Raise limits.memory_mb.",
        )
    return TransectError(f"The warehouse could not run a compiled query: {first}", code="query_failed", value=sql)
