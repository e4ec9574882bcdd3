"""What a statement does on DuckDB without any guard."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Literal

import duckdb

from tests.warehouse.corpus.place import make_place

Effect = Literal["leaks", "changes", "runs", "fails"]
NUMBERS = range(771_000_000, 772_000_000)  # the canaries that are numbers


class Unguarded:
    """The place's warehouse, open for everything; made anew after a statement that changed it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0
        self._connection = self._open()

    def effect(self, sql: str) -> Effect:
        """What came of it."""
        before = self._state()
        cursor = self._connection.cursor()
        try:
            rows = everything(cursor, sql.replace("{data}", str(self.data)))
        except (duckdb.Error, RuntimeError, AttributeError):  # nothing but blanks has no description
            rows = ""
        with contextlib.suppress(duckdb.Error):
            cursor.execute("commit")
        if self._state() != before:
            self._connection.close()
            self._connection = self._open()
            return "changes"
        if not rows:
            return "fails"
        return "leaks" if has_canary(rows) else "runs"

    @property
    def data(self) -> Path:
        return self._folder / str(self._made) / "data"

    def _open(self) -> duckdb.DuckDBPyConnection:
        self._made += 1
        make_place(self._folder / str(self._made))
        return duckdb.connect(str(self.data / "warehouse.duckdb"), config={"autoinstall_known_extensions": "false"})

    def _state(self) -> str:
        """Everything a statement could change, in short."""
        try:
            names = self._connection.execute(
                "select 'column', schema_name, table_name, column_name, data_type from duckdb_columns() "
                "where not internal "
                "union all select 'table', schema_name, table_name, comment, estimated_size::varchar "
                "from duckdb_tables() "
                "union all select 'view', schema_name, view_name, sql, '' from duckdb_views() where not internal "
                "union all select 'macro', schema_name, function_name, macro_definition, '' from duckdb_functions() "
                "where not internal union all select 'schema', schema_name, '', '', '' from duckdb_schemas() "
                "union all select 'sequence', sequence_name, last_value::varchar, '', '' from duckdb_sequences() "
                "union all select 'type', type_name, '', '', '' from duckdb_types() where not internal "
                "union all select 'index', index_name, '', '', '' from duckdb_indexes() order by all"
            ).fetchall()
            sums = self._connection.execute(
                "select (select sum(hash(u)) from users u), (select sum(hash(n)) from other.notes n), "
                "(select count(*) from wide)"
            ).fetchall()
        except duckdb.Error as error:
            return str(error)
        return repr((names, sums, sorted(path.name for path in self.data.iterdir() if path.suffix != ".wal")))


def everything(cursor: duckdb.DuckDBPyConnection, sql: str) -> str:
    """Names and rows as text; times with a zone are cast, because DuckDB's client cannot fetch them without pytz."""
    described = cursor.execute(sql).description or []
    if any("TIME ZONE" in str(each[1]) for each in described):
        shown = ", ".join(f"c{i}::varchar" for i in range(len(described)))
        inner = sql.rstrip(" ;")
        cursor.execute(f"select {shown} from ({inner}\n) q({', '.join(f'c{i}' for i in range(len(described)))})")
    return repr([each[0] for each in described]) + repr(cursor.fetchmany(2_000))


def has_canary(text: str) -> bool:
    """Whether anything that must stay hidden is in a text."""
    import re

    words = text.lower().replace("atlantic/canary", "")  # a time zone
    return "canary" in words or any(int(found) in NUMBERS for found in re.findall(r"\d{9,}", text))
