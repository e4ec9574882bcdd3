"""Why a guarded statement failed, in our own words: DuckDB's text may hold paths, hidden names and values."""

from __future__ import annotations

import re

from tools.errors import Declined, InvalidInput, TransectError
from tools.sandbox.worker import ChildFailed
from tools.warehouse.file_errors import is_damage
from tools.warehouse.parse_tree import Reads
from tools.warehouse.visible import Tables
from tools.workspace.nearest import nearest

_NAMED = re.compile(r'"([^"]+)"|Referenced column ([^"\s]+) not found')


def query_error(error: ChildFailed, reads: Reads, visible: Tables, *, seconds: float) -> TransectError:
    """The error to raise for what DuckDB raised in the child.

    Args:
        error: DuckDB's.
        reads: what the statement reads.
        visible: the columns the asker may see.
        seconds: the limit, for its message.
    """
    kind = error.kind
    if kind == "InterruptException":
        return time_is_up(seconds)
    if kind == "OutOfMemoryException":
        return Declined(
            "The query needs more memory than limits.memory_mb allows.",
            reason="too_expensive",
            rule="limit_memory",
            hint="Group by fewer values, or read fewer rows or columns.",
        )
    if kind in ("BinderException", "CatalogException"):
        return _does_not_fit(error.text, reads, visible)
    if is_damage(error.text):
        return TransectError(
            "The warehouse is damaged.", code="query_failed", hint="Rebuild it, or restore it from a copy."
        )
    if kind in ("PermissionException", "IOException"):
        return Declined("The query reaches outside the warehouse.", reason="unsafe", rule="outside")
    if kind in ("InternalException", "FatalException", "RuntimeError", "Error"):
        return TransectError("The warehouse failed while it ran this SQL.", code="query_failed")
    if kind == "ParserException":
        return InvalidInput("The warehouse cannot read this SQL.", code="invalid_sql")
    if kind == "ConversionException":
        hint = "Use try_cast, or leave such rows out."
        return InvalidInput("The query met a value that cannot be converted.", code="invalid_sql", hint=hint)
    return InvalidInput("The query met a value or an argument it cannot handle.", code="invalid_sql")


def time_is_up(seconds: float) -> Declined:
    """What is said when a statement ran into its deadline."""
    return Declined(
        f"The query took longer than {seconds:g} seconds.",
        reason="too_expensive",
        rule="limit_time",
        hint="Read fewer rows, or raise limits.seconds.",
    )


def _does_not_fit(raw: str, reads: Reads, visible: Tables) -> TransectError:
    """A name that is not there. What is hidden is not there either, so that both sound the same to the letter."""
    used = sorted(set(reads.tables))
    shown = sorted({column for table in used for column in visible[table]})
    written = (match[1] or match[2] for match in _NAMED.finditer(raw.partition("\n\nLINE")[0]))
    unknown = next((name for name in written if _is_unknown(name, reads, shown)), None)
    if unknown and "ambiguous" not in raw.lower():
        near = nearest(unknown, shown)
        return Declined(
            f"There is no column {unknown!r} in {', '.join(used) or 'this query'} that you may use.",
            reason="not_permitted",
            rule="column",
            value=unknown,
            allowed=shown,
            hint=f"Did you mean {near!r}?" if near else "",
        )
    return InvalidInput(
        "The SQL does not fit the tables: a name is ambiguous, or a column or the type of an argument is wrong.",
        code="invalid_sql",
        allowed=shown,
    )


def _is_unknown(name: str, reads: Reads, shown: list[str]) -> bool:
    return name.lower() in reads.names and name not in shown
