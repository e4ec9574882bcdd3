"""Arrays in, DuckDB tables out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy.typing as npt

MEMORY_MB = 1_000  # of DuckDB; what does not fit is spilled beside the file


class Store:
    """A new DuckDB file being filled.

    SQL given to `write` and `build` may use three macros: `make_id(prefix, number)`, an opaque but reproducible
    identifier (NULL for a negative number); `moment(seconds)`, a TIMESTAMP from epoch seconds (NULL for a
    negative one); and `word(list, code)`, the code-th word of a list counting from 0 (NULL for -1).

    What is drawn in SQL is drawn by hash, whatever the order of the rows: `draw(stage, key)` is uniform in
    (0, 1) and `bell(stage, key)` is standard normal (Box and Muller); the same stage and key give the same number.
    """

    def __init__(self, path: Path, *, seed: int, memory_mb: int = MEMORY_MB) -> None:
        self.rows: dict[str, int] = {}
        self.connection = duckdb.connect(str(path))
        self.connection.execute("set timezone = 'UTC'")
        self.connection.execute("set enable_progress_bar = false")
        self.connection.execute(f"set memory_limit = '{memory_mb}MB'")
        self.connection.execute(
            f"create temp macro make_id(prefix, number) as case when number >= 0 "
            f"then prefix || '_' || left(md5('{int(seed)}|' || prefix || '|' || number), 16) end"
        )
        self.connection.execute(
            "create temp macro moment(seconds) as case when seconds >= 0 then make_timestamp(seconds * 1000000) end"
        )
        self.connection.execute("create temp macro word(words, code) as words[code + 1]")
        self.connection.execute(
            f"create temp macro draw(stage, key) as "
            f"((md5_number_lower('{int(seed)}|' || stage || '|' || key) >> 12)::double + 0.5e0) / 4503599627370496e0"
        )
        self.connection.execute(
            "create temp macro bell(stage, key) as "
            "sqrt(-2e0 * ln(draw(stage || ' radius', key))) * cos(2e0 * pi() * draw(stage || ' angle', key))"
        )

    def write(self, table: str, columns: Mapping[str, npt.NDArray[Any]], select: str, *, temp: bool = False) -> None:
        """Create `table`, or add to it, from `select`: SQL expressions over `columns`, arrays of one length."""
        self.connection.register("draws", dict(columns))
        if table in self.rows:
            done = self.connection.execute(f"insert into {table} select {select} from draws")
        else:
            done = self.connection.execute(
                f"create {'temp ' if temp else ''}table {table} as select {select} from draws"
            )
        added = int(done.fetchall()[0][0])
        self.connection.unregister("draws")
        if not temp:
            self.rows[table] = self.rows.get(table, 0) + added

    def build(self, table: str, query: str, *, temp: bool = False) -> None:
        """Create `table` as the rows of `query`."""
        done = self.connection.execute(f"create {'temp ' if temp else ''}table {table} as {query}")
        if not temp:
            self.rows[table] = int(done.fetchall()[0][0])

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
