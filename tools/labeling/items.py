"""Which items exist, and one item's text: read from the store of item texts, one by one, each look audited."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.access import Asker
from tools.errors import Declined, InvalidInput
from tools.state import State, append_audit
from tools.warehouse.duckdb_file import DuckDBFile
from tools.warehouse.file_errors import file_error
from tools.workspace import Workspace

if TYPE_CHECKING:
    import duckdb


def find_unknown_items(workspace: Workspace, items: Collection[str]) -> set[str]:
    """Those of `items` that the store of item texts does not hold.

    Raises:
        InvalidInput: the workspace has no `warehouse.content`, or it is not a DuckDB file with items(item_id, text).
    """
    sql = "select x from (select unnest(?::varchar[]) as x) where x not in (select item_id::varchar from items)"
    return {str(row[0]) for row in _query(workspace, sql, [list(items)])}


def reveal_item(workspace: Workspace, item: str, *, reason: str, asker: Asker, state: State) -> str:
    """One item's text. Who looked, at what and why is in the audit chain before the text is read; the text is not.

    Raises:
        InvalidInput: no reason, no such item, or no store of item texts.
        Declined: others would read along.
    """
    if not reason.strip():
        raise InvalidInput("A reason is needed to see an item's text.", code="no_reason", hint="--reason WHY")
    if asker.audience_roles:
        raise Declined(
            "An item's text is shown to one person at a time, not to a channel.",
            reason="not_permitted",
            rule="item_text",
        )
    if find_unknown_items(workspace, [item]):
        raise InvalidInput(f"There is no item {item!r}.", code="no_such_item", value=item)
    append_audit(state, action="reveal", asker=asker, detail={"item": item, "reason": reason.strip()})
    rows = _query(workspace, "select text::varchar from items where item_id::varchar = ? limit 1", [item])
    return str(rows[0][0] or "") if rows else ""


def open_content(workspace: Workspace) -> DuckDBFile:
    """The store of item texts; raises InvalidInput when the workspace names none."""
    url = workspace.settings.warehouse.content
    if url is None:
        raise InvalidInput(
            "The workspace has no store of item texts.",
            code="no_content",
            hint='Name one under [warehouse]: content = "duckdb:FILE", with a table items(item_id, text).',
            where="transect.toml",
        )
    return DuckDBFile(
        workspace.root / url.removeprefix("duckdb:").removeprefix("//"),
        zone=workspace.zone.key,
        memory_mb=workspace.settings.limits.memory_mb,
        spill_dir=workspace.state_dir / "spill",
    )


def query_content(cursor: duckdb.DuckDBPyConnection, path: Path, sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    """Rows of the store of item texts, which lies at `path`; errors are in our words alone."""
    import duckdb  # start-up

    try:
        return cursor.execute(sql, values).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        raise InvalidInput(
            f"{path.name} has no table items(item_id, text).",
            code="no_content",
            value=path.name,
            hint="warehouse.content holds item texts: one row an item.",
            where="transect.toml",
        ) from None
    except duckdb.Error as error:
        raise file_error(path, type(error).__name__) from None  # DuckDB's words may quote the text


def _query(workspace: Workspace, sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    file = open_content(workspace)
    with file.cursor(keep=False) as cursor:
        return query_content(cursor, file.path, sql, values)
