"""Whether every unit of a frame stands in one row."""

from __future__ import annotations

from tools.errors import InvalidInput
from tools.metrics.sql import quote
from tools.sampling.columns import Columns
from tools.sampling.source import ArraySource, Source
from tools.sampling.sql_literal import quote_text

_WIDEST = 2**29  # 64 MB of bits a thread
_SPARSEST = 32  # numbers a unit, beyond which hashing is cheaper than bits
_GLIMPSE = 10_000
AT_ONCE = 16_000_000  # hashes: 128 MB


def check_unique(
    source: Source, columns: Columns, *, rows: int, least: int | None, most: int | None, at_once: int = AT_ONCE
) -> None:
    """Exact, by the cheapest way that the ids allow.

    Integers that lie close together are set as bits; ids in rising order need one look at each neighbour; of all others
    the 64-bit hashes are sorted, and only when these meet is it looked at which ids repeat.

    Args:
        source: the frame.
        columns: its key; with a day, a unit may stand in one row a day.
        rows: of the frame.
        least, most: the range of integer ids; None for text.
        at_once: hashes that are sorted together.

    Raises:
        InvalidInput: the first id that repeats, and its rows.
    """
    if rows < 2 or _distinct_bits(source, columns, rows=rows, least=least, most=most) == rows:
        return
    if _is_rising(source, columns, limit=_GLIMPSE) and _is_rising(source, columns, limit=None):
        return
    key = ", ".join([columns.id.value, *([quote(columns.day)] if columns.day else [])])
    if not _are_hashes_apart(source, key, parts=-(-rows // at_once), rows=rows):
        _find_twice(source, columns, key)


def _are_hashes_apart(source: Source, key: str, *, parts: int, rows: int) -> bool:
    """Whether no two rows have the same hash. Sorting an array takes a tenth of the time of a hash table."""
    if not isinstance(source, ArraySource):
        return bool(source.query(f"select count(distinct hash({key})) from {source.relation}")[0][0] == rows)
    for part in range(parts):
        where = f" where hash({key}) % {parts} = {part}" if parts > 1 else ""
        found = source.hashes(f"select hash({key}) as h from {source.relation}{where}")
        found.sort()
        if bool((found[1:] == found[:-1]).any()):
            return False
    return True


def _distinct_bits(source: Source, columns: Columns, *, rows: int, least: int | None, most: int | None) -> int | None:
    if columns.day or least is None or most is None or most >= 2**63:
        return None
    if most - least >= min(_SPARSEST * rows + 1_000, _WIDEST):
        return None
    bits = f"bitstring_agg({columns.id.number}::bigint, {least}, {most})"
    return int(source.query(f"select bit_count({bits}) from {source.relation}")[0][0])


def _is_rising(source: Source, columns: Columns, *, limit: int | None) -> bool:
    """Whether each id (of a day) is above the one in the row before, in whatever order the rows are read."""
    if columns.day:
        return False
    rows = f"(select {columns.id.value} as k from {source.relation}{f' limit {limit}' if limit else ''})"
    falls = f"select 1 from (select k, lag(k) over () as before from {rows}) where before >= k limit 1"
    return not source.query(falls)


def _find_twice(source: Source, columns: Columns, key: str) -> None:
    twice = source.query(
        f"select {key}, count(*) from {source.relation} group by {key} having count(*) > 1 order by {key} limit 2"
    )
    if not twice:
        return
    value, names = twice[0][0], [columns.id.column, *([columns.day] if columns.day else [])]
    same = " and ".join(f"{quote(n)}::varchar = {quote_text(str(v))}" for n, v in zip(names, twice[0], strict=False))
    rows = source.query(
        f"select r from (select row_number() over () as r, * from {source.relation}) where {same} order by r limit 2"
    )
    raise InvalidInput(
        f"The id {value!r} stands in rows {rows[0][0]:,} and {rows[1][0]:,} of {source.name}"
        + (f", both of the day {twice[0][1]}" if columns.day else "")
        + (", and others repeat too." if len(twice) > 1 else "."),
        code="duplicate_id",
        value=value,
        hint="One row is one unit: name the column that tells units apart, or remove the repeats.",
        where=f"{source.name}: row {rows[1][0]}, column {columns.id.column}",
    )
