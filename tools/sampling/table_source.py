"""A table of the workspace's warehouse as a frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.access import Allowed, Asker, Usage, decide
from tools.errors import Declined, InvalidInput, TransectError
from tools.metrics import catalog_of
from tools.metrics.sql import quote, quote_table
from tools.sampling.write_file import copy_sql
from tools.state import append_audit, open_state
from tools.warehouse import Warehouse, open_warehouse
from tools.workspace import Workspace
from tools.workspace.nearest import nearest


def open_table(name: str, *, workspace: Workspace, asker: Asker) -> TableSource:
    """A table or view as a source, with the columns that the asker and every reader may see, item text left out.

    Raises:
        InvalidInput: no such table.
        Declined: a role does not see it, or sees aggregates only (`min_cell` above 1).
    """
    warehouse = open_warehouse(workspace)
    tables = {table.lower(): table for table in warehouse.tables()}
    policy = workspace.settings.access
    allowed = decide(asker, Usage(tables=frozenset({name})), policy)
    if name.lower() not in tables:
        seen = [t for t in tables.values() if isinstance(decide(asker, Usage(tables=frozenset({t})), policy), Allowed)]
        near = nearest(name, seen)
        raise InvalidInput(
            f"There is no file and no table {name!r}.",
            code="no_such_source",
            value=name,
            allowed=sorted(seen),
            hint=f"Did you mean {near!r}?" if near else "Name a CSV or Parquet file, or a table of the workspace.",
        )
    if isinstance(allowed, Declined):
        raise allowed
    if allowed.min_cell > 1:
        raise Declined(
            "A sample shows rows one by one, and this role may see groups only.",
            reason="not_permitted",
            rule="row_level",
            value=name,
            hint="Draw in a role with min_cell = 1.",
        )
    table = tables[name.lower()]
    return TableSource(table, workspace, warehouse, asker)


class TableSource:
    """A table read through the warehouse; `left_out` names columns that a sample does not carry."""

    is_text = False

    def __init__(self, table: str, workspace: Workspace, warehouse: Warehouse, asker: Asker) -> None:
        self._workspace = workspace
        self._warehouse = warehouse
        self._asker = asker
        self.name = table
        self.relation = quote_table(table if "." in table else f"main.{table}")  # no common table expression hides it
        texts = {d.text.lower() for d in catalog_of(workspace).datasets.values() if d.text and d.source == table}
        policy = workspace.settings.access
        columns = warehouse.tables()[table]
        self.columns = {
            column: kind
            for column, kind in columns.items()
            if column.lower() not in texts
            and isinstance(decide(asker, Usage(columns=frozenset({f"{table}.{column}"})), policy), Allowed)
        }
        self.left_out = tuple(column for column in columns if column.lower() in texts)

    def fingerprint(self) -> str:
        return self._warehouse.fingerprint()

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self._warehouse.run_compiled(sql, asker=self._asker).rows

    def write(self, sql: str, path: Path) -> None:
        """The warehouse writes no files: its rows pass through memory as text and get their types back here."""
        import duckdb
        import numpy as np

        self._audit(sql)
        types = {str(row[0]): str(row[1]) for row in self.query(f"describe {sql}")}
        texts = ", ".join(f"{quote(column)}::varchar" for column in types)
        rows = self.query(f"select {texts} from ({sql})")
        drawn = {f"c{i}": np.array([row[i] for row in rows], dtype=object) for i in range(len(types))}
        typed = ", ".join(f"c{i}::{kind} as {quote(name)}" for i, (name, kind) in enumerate(types.items()))
        if not rows:
            typed = ", ".join(f"null::{kind} as {quote(name)}" for name, kind in types.items()) + " limit 0"
        with duckdb.connect(":memory:") as connection:
            if rows:
                connection.register("drawn", drawn)
                typed += " from drawn"
            connection.execute(copy_sql(f"select {typed}", path))

    def _audit(self, sql: str) -> None:
        """One line a sample; a workspace whose store cannot be written has none."""
        try:
            state = open_state(self._workspace)
        except TransectError:
            return
        append_audit(state, action="sample", asker=self._asker, detail={"table": self.name, "sql": sql[:2_000]})
