"""The warehouse on DuckDB."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any

import duckdb

from tools.access import Asker
from tools.errors import Declined, TransectError
from tools.sandbox.pool import pool
from tools.state import AuditLine, State, append_together, open_state
from tools.warehouse.answered_cells import AnsweredCells
from tools.warehouse.contents import Contents, read_contents
from tools.warehouse.duckdb_file import DuckDBFile
from tools.warehouse.fetch import start_query
from tools.warehouse.file_errors import file_error, is_damage
from tools.warehouse.layers import EVERY_LAYER, Layers
from tools.warehouse.project import Source
from tools.warehouse.protected_units import Protected
from tools.warehouse.role_folder import role_folder
from tools.warehouse.role_view import RoleView, role_view
from tools.warehouse.rows import Params, Receipt, Rows, receipt_id
from tools.warehouse.spread import Spread, find_spreads
from tools.warehouse.terms import Terms
from tools.warehouse.untrusted import run_text
from tools.workspace import Workspace

if TYPE_CHECKING:
    from tools.metrics.definitions import Dataset

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

    def __init__(self, workspace: Workspace, *, layers: Layers = EVERY_LAYER) -> None:
        self._workspace = workspace
        self._layers = layers
        self._file = DuckDBFile(
            workspace.warehouse_path,
            zone=workspace.settings.workspace.timezone,
            memory_mb=workspace.settings.limits.memory_mb,
            spill_dir=workspace.state_dir / "spill",
        )
        self._known: tuple[str, Contents] | None = None
        self._spreads: dict[tuple[str, str, tuple[str, ...], int], tuple[Spread, ...]] = {}
        self._views: dict[tuple[tuple[str, ...], tuple[str, ...]], RoleView] = {}

    def run_compiled(self, sql: str, params: Params = (), *, asker: Asker) -> Rows:
        """Run SQL that transect compiled from a typed query after `access.decide` allowed it.

        Raises:
            TransectError: the statement failed; our own words, the SQL in `value`.
        """
        fingerprint = self._file.fingerprint()
        start = perf_counter()
        with self._file.cursor() as cursor:
            try:
                columns = start_query(cursor, sql, params)
                rows = cursor.fetchall()
            except duckdb.Error as error:
                raise self._failed(error, sql) from error
        receipt = Receipt(
            id=receipt_id(sql, params, fingerprint),
            sql=sql,
            seconds=perf_counter() - start,
            row_count=len(rows),
            fingerprint=fingerprint,
        )
        return Rows(columns, rows, receipt)

    def run_untrusted(self, sql: str, *, asker: Asker, thread: str | None = None) -> Rows:
        """Run SQL text that a person or a model wrote; raises Declined for whatever it may not do.

        Each text leaves one audit line with its hash, whatever came of it; `thread` names the conversation in it.
        """
        begun = perf_counter()
        self._state()
        try:
            view = self._view(asker)
            found, tables = run_text(sql, terms=self._terms(asker, view), pool=pool())
        except TransectError as error:
            if error.code == "query_failed":
                self._views.clear()
            rule = error.rule if isinstance(error, Declined) else error.code
            verdict = "declined" if isinstance(error, Declined) else "error"
            self._audit(asker, sql, thread, begun, {"verdict": verdict, "rule": rule, "tables": [], "rows": 0})
            raise
        outcome = {"verdict": "ok", "tables": tables, "rows": found.receipt.row_count, "receipt": found.receipt.id}
        self._audit(asker, sql, thread, begun, outcome)
        return found

    def _terms(self, asker: Asker, view: RoleView) -> Terms:
        """What the asker's statements run under."""
        roles = repr((asker.roles, asker.audience_roles))
        return Terms(
            view,
            self._workspace.settings.limits,
            AnsweredCells(self._state(), roles, view.fingerprint),
            lambda table: self._spreads_of(table, view),
        )

    def _spreads_of(self, table: str, view: RoleView) -> tuple[Spread, ...]:
        """Over which of the columns that the roles see a table's rows are spread; once per state of the data."""
        from tools.metrics.catalog import catalog_of  # the semantic layer stands above this one

        key = (view.fingerprint, table, view.visible[table], view.min_cell)
        if key not in self._spreads:
            datasets: list[Dataset] = []
            with suppress(TransectError):  # faulty definitions do not stop SQL text
                catalog = catalog_of(self._workspace)
                datasets = [each for each in catalog.datasets.values() if each.source.lower() == table.lower()]
            types = self._contents().tables[table]
            with self._file.cursor() as cursor:
                self._spreads[key] = find_spreads(
                    cursor,
                    table,
                    {name: types[name] for name in view.visible[table]},
                    time=next((each.time for each in datasets if each.time), None),
                    keys=[each.grain[0] for each in datasets if len(each.grain) == 1],
                    rows=view.projected.rows.get(table, 0),
                    others=view.min_cell <= 1,
                )
        return self._spreads[key]

    def _units(self) -> dict[str, Protected | None]:
        """Whom tables are about, from the workspace's definitions."""
        from tools.metrics.catalog import catalog_of  # the semantic layer stands above this one
        from tools.metrics.protected import protected_units

        return protected_units(catalog_of(self._workspace))

    def _state(self) -> State:
        """The store that holds the record of what was asked, and what roles were answered before.

        Raises:
            Declined: it cannot be opened; what cannot be recorded is not answered.
        """
        try:
            return open_state(self._workspace)
        except TransectError as error:
            raise Declined(
                f"What is asked here is recorded, and the record cannot be written: {error.message}",
                reason="unsafe",
                rule="record",
                hint="Make .transect in the workspace writable, or set [state] url to a store that is.",
            ) from error

    def _view(self, asker: Asker) -> RoleView:
        """What the asker's roles see of the warehouse as it is now; a projection is built when it is first needed."""
        fingerprint, key = self._file.fingerprint(), (asker.roles, asker.audience_roles)
        view = self._views.get(key)
        if view is not None and view.fingerprint == fingerprint and view.projected.projection.path.exists():
            return view
        settings = self._workspace.settings
        contents = self._contents()
        new = role_view(
            Source(self._file.path, contents.database, fingerprint, contents),
            asker,
            settings.access,
            units=self._units,
            folder=role_folder(self._workspace.state_dir),
            zone=settings.workspace.timezone,
            memory_mb=settings.limits.memory_mb,
            spill=self._file.spill_to(),
            layers=self._layers,
        )
        if view is not None:
            pool().forget(view.projected.projection)
        self._views[key] = new
        return new

    def fingerprint(self) -> str:
        """A cheap mark of the data's state: it changes when the file is rewritten."""
        return self._file.fingerprint()

    def tables(self) -> dict[str, dict[str, str]]:
        """Table or view -> column -> DuckDB type; a table outside the schema main is named `schema.table`."""
        return self._contents().tables

    def _contents(self) -> Contents:
        fingerprint = self._file.fingerprint()
        known = self._known
        if known is None or known[0] != fingerprint:
            with self._file.cursor() as cursor:
                known = (fingerprint, read_contents(cursor))
            self._known = known
        return known[1]

    def _audit(self, asker: Asker, sql: str, thread: str | None, begun: float, outcome: dict[str, Any]) -> None:
        """One line for each SQL text, a hash in its place."""
        detail = {"sha256": sha256(sql.encode("utf-8", "replace")).hexdigest(), "thread": thread, **outcome}
        detail["seconds"] = round(perf_counter() - begun, 4)
        append_together(self._state(), AuditLine("sql", asker, detail))

    def _failed(self, error: duckdb.Error, sql: str) -> TransectError:
        """A compiled statement that failed: a fault of ours or of the definitions, so its SQL is shown."""
        if isinstance(error, duckdb.OutOfMemoryException):
            return TransectError(
                "The query needs more memory than limits.memory_mb allows.",
                code="out_of_memory",
                hint="Raise limits.memory_mb in transect.toml.",
            )
        if isinstance(error, duckdb.FatalException | duckdb.InternalException):
            self._file.forget()
        if is_damage(str(error)):
            return file_error(self._file.path, str(error))
        if isinstance(error, duckdb.IOException):
            return TransectError(
                "The query could not write what it had to put aside to disk.",
                code="cannot_spill",
                hint="Raise limits.memory_mb, or make .transect in the workspace writable and its disk roomier.",
            )
        first = str(error).strip().splitlines()[0]
        return TransectError(f"The warehouse could not run a compiled query: {first}", code="query_failed", value=sql)
