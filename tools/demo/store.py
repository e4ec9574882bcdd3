"""Arrays in, DuckDB tables out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy.typing as npt


class Store:
    """A new DuckDB file being filled.

    SQL given to `write` may use three macros: `make_id(prefix, number)`, an opaque but reproducible
    identifier (NULL for a negative number); `moment(seconds)`, a TIMESTAMP from epoch seconds (NULL for a
    negative one); and `word(list, code)`, the code-th word of a list counting from 0 (NULL for -1).
    """

    def __init__(self, path: Path, *, seed: int) -> None:
        self.rows: dict[str, int] = {}
        self.connection = duckdb.connect(str(path))
        self.connection.execute("set timezone = 'UTC'")
        self.connection.execute(
            f"create temp macro make_id(prefix, number) as case when number >= 0 "
            f"then prefix || '_' || left(md5('{int(seed)}|' || prefix || '|' || number), 16) end"
        )
        self.connection.execute(
            "create temp macro moment(seconds) as case when seconds >= 0 then make_timestamp(seconds * 1000000) end"
        )
        self.connection.execute("create temp macro word(words, code) as words[code + 1]")

    def write(self, table: str, columns: Mapping[str, npt.NDArray[Any]], select: str, *, temp: bool = False) -> None:
        """Create `table` from `select`, a list of SQL expressions over `columns` (arrays of one length)."""
        self.connection.register("draws", dict(columns))
        self.connection.execute(f"create {'temp ' if temp else ''}table {table} as select {select} from draws")
        self.connection.unregister("draws")
        if not temp:
            self.rows[table] = int(self.ask(f"select count(*) from {table}")[0][0])

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.connection.execute(sql).fetchall()

    def close(self) -> None:
        """Fold the write-ahead log into the file and let go of it."""
        self.connection.execute("checkpoint")
        self.connection.close()


def sql_list(words: Sequence[str]) -> str:
    """A SQL list of text literals."""
    return "[" + ", ".join("'" + w.replace("'", "''") + "'" for w in words) + "]"
