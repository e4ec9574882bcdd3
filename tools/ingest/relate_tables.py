"""Many-to-one relationships between loaded tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from tools.ingest.column_words import ABBREVIATIONS, split_words
from tools.ingest.english import plural, singular
from tools.ingest.measure_columns import quote
from tools.ingest.table_shape import ColumnShape, TableShape


@dataclass(frozen=True)
class Link:
    """`source.column` holds keys of `target.key`; `matched` of `present` rows find one."""

    source: str
    column: str
    target: str
    key: str
    matched: int
    present: int
    keys_seen: int
    keys: int
    proposed: bool

    @property
    def rate(self) -> float:
        return self.matched / self.present if self.present else 0.0


def relate_tables(connection: duckdb.DuckDBPyConnection, tables: Sequence[TableShape]) -> list[Link]:
    """Links whose names agree, with their match rates; `proposed` when they hold well enough.

    Proposed when at least half of the source's rows find their key, or at least a fifth of the
    target's keys are used (a partial gold set). Where both sides are unique, nine tenths.
    """
    links = []
    for target in tables:
        if len(target.grain) != 1:
            continue
        key = target.column(target.grain[0])
        for source in tables:
            if source.name == target.name:
                continue
            for column in source.columns:
                if _names_agree(column, key, target) and _types_agree(column, key):
                    links.append(_link(connection, source, column, target, key))
    return _one_direction([link for link in links if link.matched])


def _names_agree(column: ColumnShape, key: ColumnShape, target: TableShape) -> bool:
    if column.kind not in ("key", "entity", "label", "category", "number", "coded"):
        return False
    here = [ABBREVIATIONS.get(w, w) for w in split_words(column.header)]
    there = [ABBREVIATIONS.get(w, w) for w in split_words(key.header)]
    if here == there:
        return there not in (["id"], ["key"], ["number"], ["index"], ["row", "id"])
    names = {target.unit, singular(target.name.split("_")[-1]), singular(target.name.replace("_", " "))}
    generic = there in (["id"], ["key"], ["code"], ["name"]) or (there[:-1] and " ".join(there[:-1]) in names)
    mine = " ".join(here[:-1]) if here[-1] in {"id", "key", "code", there[-1]} and len(here) > 1 else " ".join(here)
    if here == ["userid"] and there == ["user", "id"]:
        return True
    return bool(generic) and any(mine == n or mine.endswith(" " + n) or plural(n) == mine for n in names if n != "row")


def _types_agree(column: ColumnShape, key: ColumnShape) -> bool:
    return column.type == key.type or (column.whole and key.whole)


def _link(
    connection: duckdb.DuckDBPyConnection, source: TableShape, column: ColumnShape, target: TableShape, key: ColumnShape
) -> Link:
    mine, theirs = quote(column.name), quote(key.name)
    row = connection.execute(
        f"select count(*), count(distinct s.{mine}) from {quote(source.name)} s "
        f"where s.{mine} in (select {theirs} from {quote(target.name)})"
    ).fetchone()
    matched, seen = (int(row[0]), int(row[1])) if row else (0, 0)
    rate = matched / column.present if column.present else 0.0
    good = rate >= 0.9 if column.unique else rate >= 0.5 or (seen >= 0.2 * target.rows and seen >= 20)
    return Link(source.name, column.name, target.name, key.name, matched, column.present, seen, target.rows, good)


def _one_direction(links: list[Link]) -> list[Link]:
    """Of two links between the same tables in both directions, the one that matches better."""
    kept: dict[frozenset[str], Link] = {}
    for link in sorted(links, key=lambda x: (-x.proposed, -x.rate)):
        pair = frozenset((link.source, link.target))
        known = kept.get(pair)
        if known is None or (known.source == link.source and known.column != link.column):
            kept[pair if known is None else frozenset((link.source, link.target, link.column))] = link
    return list(kept.values())
