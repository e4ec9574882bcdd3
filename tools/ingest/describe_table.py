"""Grain, unit, time, actor and item text of a loaded table."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice

import duckdb

from tools.ingest.classify_column import is_id_name
from tools.ingest.column_words import ABBREVIATIONS, split_words
from tools.ingest.english import plural
from tools.ingest.measure_columns import measure_columns, quote
from tools.ingest.name_row import name_row, shared_word, table_noun
from tools.ingest.report import LoadedTable
from tools.ingest.table_shape import ColumnShape, TableShape
from tools.ingest.word_set import word_list, word_set

ACTORS = word_list(
    """
    annotator worker rater labeler labeller reviewer moderator user account actor author sender customer client
    member subscriber player employee agent rep technician patient student driver device visitor respondent
    participant person contact owner assignee host seller buyer donor voter tenant
    """
)
_TIME_FIRST = word_list(
    """
    created occurred happened event timestamp judged sent posted published ordered order placed opened submitted
    received recorded measured logged started start date time day ds hired joined signup
    """
)
_TIME_LAST = word_set(
    """
    updated modified deleted closed resolved ended end expires expiry birth dob due deadline last
    """
)
_COMBINATIONS = 40


def describe_table(connection: duckdb.DuckDBPyConnection, loaded: LoadedTable) -> TableShape:
    """What one row of the table is, and which columns say who, when and what was written."""
    columns = measure_columns(connection, loaded)
    grain = _grain(connection, loaded, columns)
    unit, noun = name_row(loaded.table, grain, columns)
    texts = [c for c in columns if c.kind == "text"]
    actors = sorted((c for c in columns if _actor_rank(c) is not None), key=lambda c: _actor_rank(c) or 0)
    return TableShape(
        name=loaded.table,
        rows=loaded.rows_loaded,
        columns=columns,
        grain=grain,
        unit=unit,
        noun=plural(noun) if noun else "",
        shared=shared_word(loaded.table, grain, columns),
        time=_time(columns),
        actor=actors[0].name if actors else None,
        text=max(texts, key=lambda c: c.mean_length * c.present).name if texts else None,
        copies=0 if grain else _copies(connection, loaded.table),
    )


def _grain(
    connection: duckdb.DuckDBPyConnection, loaded: LoadedTable, columns: tuple[ColumnShape, ...]
) -> tuple[str, ...]:
    keys = [c for c in columns if c.kind == "key"]
    if keys:
        noun = table_noun(loaded.table, columns).rpartition(" ")[2]
        return (min(keys, key=lambda c: (not _names(c, noun), not _strong_id(c), c.position)).name,)
    if loaded.rows_loaded < 2:
        return ()
    for names in islice(_candidates(columns), _COMBINATIONS):
        if _unique(connection, loaded, names):
            return names
    return _least(connection, loaded, columns)


def _candidates(columns: tuple[ColumnShape, ...]) -> Iterator[tuple[str, ...]]:
    rows = columns[0].rows if columns else 0
    named = [c for c in columns if c.kind == "entity" and c.present == rows]
    placed = [c for c in columns if c.kind in ("time", "category", "coded", "label") and c.present == rows]
    for pair in combinations(named, 2):
        yield pair[0].name, pair[1].name
    for c in columns:
        if c.kind == "label" and c.unique and c.position <= 1:
            yield (c.name,)
    for entity in named:
        for other in placed:
            if entity.distinct * other.distinct >= rows and other.kind != "label":
                yield entity.name, other.name
    times = [c for c in placed if c.kind == "time" or c.name.lower() in ("year", "month")]
    for moment in times:
        if moment.unique:
            yield (moment.name,)


def _least(
    connection: duckdb.DuckDBPyConnection, loaded: LoadedTable, columns: tuple[ColumnShape, ...]
) -> tuple[str, ...]:
    """All columns that are not quantities, less every one that can go; empty when more than five are left."""
    kept = [c for c in columns if c.kind in ("entity", "time", "category", "coded") and c.present == c.rows]
    kept = sorted(kept, key=lambda c: (("entity", "time", "category", "coded").index(c.kind), c.position))[:12]
    if not kept or not _unique(connection, loaded, tuple(c.name for c in kept)):
        return ()
    for column in reversed(list(kept)):
        fewer = [c for c in kept if c is not column]
        if fewer and _unique(connection, loaded, tuple(c.name for c in fewer)):
            kept = fewer
    return tuple(c.name for c in sorted(kept, key=lambda c: c.position)) if len(kept) <= 5 else ()


def _unique(connection: duckdb.DuckDBPyConnection, loaded: LoadedTable, names: tuple[str, ...]) -> bool:
    listed = ", ".join(quote(n) for n in names)
    row = connection.execute(
        f"select count(*) = count(distinct ({listed})) and "
        f"bool_and({' and '.join(quote(n) + ' is not null' for n in names)}) from {quote(loaded.table)}"
    ).fetchone()
    return bool(row and row[0])


def _strong_id(column: ColumnShape) -> bool:
    return split_words(column.header)[-1:] in (("id",), ("identifier",), ("uuid",), ("guid",), ("key",))


def _names(column: ColumnShape, noun: str) -> bool:
    words = split_words(column.header)
    return len(words) > 1 and ABBREVIATIONS.get(words[0], words[0]) == noun


def _time(columns: tuple[ColumnShape, ...]) -> str | None:
    times = [c for c in columns if c.kind == "time" and not {"birth", "dob", "birthday"} & set(split_words(c.header))]

    def rank(column: ColumnShape) -> tuple[bool, bool, int, float, int]:
        words = split_words(column.header)
        first = next((i for i, w in enumerate(_TIME_FIRST) if w in words), len(_TIME_FIRST))
        return (
            column.present < 0.5 * column.rows,
            bool(set(words) & _TIME_LAST),
            first,
            -column.present,
            column.position,
        )

    return min(times, key=rank).name if times else None


def _actor_rank(column: ColumnShape) -> int | None:
    if column.kind not in ("entity", "key", "label", "category"):
        return None
    words = [ABBREVIATIONS.get(w, w) for w in split_words(column.header)]
    if not words:
        return None
    if column.kind in ("label", "category") and words[-1] not in {*ACTORS, "name", "email"} - {
        "device",
        "owner",
        "host",
    }:
        return None
    if column.kind in ("entity", "key") and not is_id_name(tuple(words)) and words[-1] not in ACTORS:
        return None
    ranks = [i for i, actor in enumerate(ACTORS) if actor in words or words[-1] == f"{actor}id"]
    return min(ranks) * 4 + ("key", "entity", "label", "category").index(column.kind) if ranks else None


def _copies(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(
        f"select (select count(*) from {quote(table)}) - (select count(*) from (select distinct * from {quote(table)}))"
    ).fetchone()
    return int(row[0]) if row else 0
