"""Which columns a FROM has: a name of one of them is that column, whatever an alias of the SELECT list says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.warehouse.allowed_functions import TABLE_FUNCTIONS
from tools.warehouse.parse_tree import path_of
from tools.warehouse.tree_parts import Tree

_WORDS = "key value type atom id parent fullkey path rowid json unnest range"
_OF_TABLE_FUNCTIONS = frozenset(_WORDS.split())


@dataclass(frozen=True)
class FromNames:
    """The names of a FROM's columns, lower case.

    Attributes:
        certain: those of the tables that stand in it themselves.
        possible: whatever else could be one: names within its subqueries and within common table expressions.
        open: whether it has columns that nothing in the text names.
    """

    certain: frozenset[str]
    possible: frozenset[str]
    open: bool

    def could_have(self, name: str) -> bool:
        return self.open or name in self.certain or name in self.possible


def from_names(
    source: Tree,
    around: list[Tree],
    *,
    tables: Mapping[tuple[str, ...], str],
    columns: Mapping[str, tuple[str, ...]],
) -> FromNames:
    """The columns of a FROM.

    Args:
        source: what stands there.
        around: the common table expressions that it can see.
        tables: paths of the tables -> the table's own name.
        columns: of each table.
    """
    named = {str(entry["key"]).lower() for entry in around}
    certain = frozenset(
        column.lower()
        for path in _tables_in(source)
        if not (len(path) == 1 and path[0] in named)
        for column in columns.get(tables.get(path, ""), ())
    )
    possible = set[str]()
    unnamed = False
    for part in _parts([source, around]):
        possible.update(_names_in(part))
        if part.get("type") == "BASE_TABLE":
            possible.update(column.lower() for column in columns.get(tables.get(path_of(part), ""), ()))
        if part.get("type") == "TABLE_FUNCTION" and "function" in part:
            name = str(part["function"].get("function_name")).lower()
            possible.update(_OF_TABLE_FUNCTIONS | {name})
            unnamed = unnamed or name not in TABLE_FUNCTIONS
    return FromNames(certain, frozenset(possible), unnamed)


def _tables_in(source: Tree) -> Iterator[tuple[str, ...]]:
    if source["type"] == "JOIN":
        yield from _tables_in(source["left"])
        yield from _tables_in(source["right"])
    elif source["type"] == "BASE_TABLE" and not source["column_name_alias"]:
        yield path_of(source)


def _parts(item: Any) -> Iterator[Tree]:
    if isinstance(item, list):
        for each in item:
            yield from _parts(each)
    elif isinstance(item, dict):
        yield item
        for value in item.values():
            yield from _parts(value)


def _names_in(part: Tree) -> Iterator[str]:
    for key in ("alias", "table_name", "column_names", "column_name_alias", "aliases", "using_columns"):
        value = part.get(key)
        yield from (str(each).lower() for each in (value if isinstance(value, list) else [value]) if each)
    if part.get("type") == "EXPRESSION_LIST":
        yield from (f"col{i}" for i in range(100))


def nodes_in(item: Any) -> Iterator[Tree]:
    """Every SELECT in a part of a statement."""
    return (part for part in _parts(item) if part.get("type") == "SELECT_NODE")


def aliases_in(source: Tree) -> Iterator[str]:
    """What the parts of a FROM are called."""
    if source["type"] == "JOIN":
        yield from aliases_in(source["left"])
        yield from aliases_in(source["right"])
    yield str(source.get("alias") or source.get("table_name") or "").lower()


def whole_rows_in(
    source: Tree, *, tables: Mapping[tuple[str, ...], str], columns: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    """Names in FROM which, alone, stand for whole rows: where a table has a column of its name, that is meant."""
    if source["type"] == "JOIN":
        yield from whole_rows_in(source["left"], tables=tables, columns=columns)
        yield from whole_rows_in(source["right"], tables=tables, columns=columns)
    elif source["type"] in ("SUBQUERY", "BASE_TABLE"):
        alias = str(source["alias"] or source.get("table_name")).lower()
        table = tables.get(path_of(source), "") if source["type"] == "BASE_TABLE" else ""
        if alias not in {column.lower() for column in columns.get(table, ())}:
            yield alias
