"""Item texts for a run: each is read after a line in the audit chain says so, some at a time, and kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tools.labeling.items import open_content, query_content
from tools.workspace import Workspace

if TYPE_CHECKING:
    import duckdb


class ItemTexts:
    """The texts of some items, by one open connection; for one thread at a time.

    Attributes:
        bytes: for each item that the store holds, the length of its text in UTF-8.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, path: Path, items: Sequence[str]) -> None:
        self._cursor, self._path = cursor, path
        tables = "select table_type from information_schema.tables where table_name = 'items'"
        self._has_rows = ("BASE TABLE",) in query_content(cursor, path, tables, [])  # a view has no rowid
        row = "rowid" if self._has_rows else "0"
        sql = (
            f"select item_id::varchar, min({row}), arg_min(coalesce(strlen(text::varchar), 0), {row}) from items "
            "where item_id::varchar in (select unnest(?::varchar[])) group by 1"
        )
        found = query_content(cursor, path, sql, [list(items)])
        self._rows: dict[str, int] = {str(item): int(row) for item, row, _ in found}
        self.bytes: Mapping[str, int] = {str(item): int(size) for item, _, size in found}

    def read(self, items: Sequence[str]) -> dict[str, str]:
        """Their texts. The caller has put a line for each into the audit chain, and committed it."""
        if not items:
            return {}
        marks = ", ".join("?" * len(items))
        if self._has_rows:  # finds them without a scan
            by_row = {self._rows[item]: item for item in items}
            sql = f"select rowid, text::varchar from items where rowid in ({marks})"
            rows = query_content(self._cursor, self._path, sql, list(by_row))
            return {by_row[row]: text or "" for row, text in rows}
        some = f"from items where item_id::varchar in ({marks})"
        sql = f"select item_id::varchar, any_value(text::varchar) {some} group by 1"
        return {str(item): text or "" for item, text in query_content(self._cursor, self._path, sql, list(items))}


@contextmanager
def open_texts(workspace: Workspace, items: Sequence[str]) -> Iterator[ItemTexts]:
    """Find the items in the store of texts, and hold it open; sizes are read here, texts are not.

    Raises:
        InvalidInput: the workspace has no store of item texts, or it is no DuckDB file with items(item_id, text).
    """
    file = open_content(workspace)
    with file.cursor(keep=False) as cursor:
        yield ItemTexts(cursor, file.path, items)
