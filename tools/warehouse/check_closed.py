"""A subquery, values or a table function beside rows may not look at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.warehouse.from_names import aliases_in, from_names, nodes_in
from tools.warehouse.row_level import row_level
from tools.warehouse.tree_parts import Tree, names_of, walk


def check_closed(
    part: Any,
    outer: Tree,
    around: list[Tree],
    *,
    tables: Mapping[tuple[str, ...], str],
    columns: Mapping[str, tuple[str, ...]],
) -> None:
    """Decline published cells, values or a table function that look at the rows beside or around them."""
    beside = from_names(outer, around, tables=tables, columns=columns)
    aliases = {*aliases_in(outer)}
    if part.get("type") in ("TABLE_FUNCTION", "EXPRESSION_LIST"):
        if any(names_of(each) for each in walk(part, into_subqueries=True)):
            raise row_level("Values in FROM may not be made of other rows: compute them in SELECT.")
        return
    for node in nodes_in(part):
        own = from_names(node["from_table"], around, tables=tables, columns=columns)
        within = {*aliases_in(node["from_table"])}
        for each in walk(node):
            path = names_of(each)
            alone = len(path) == 1 and path[0] not in own.certain and beside.could_have(path[0])
            other = len(path) > 1 and path[0] not in within and (path[0] in aliases or beside.could_have(path[0]))
            if alone or other:
                raise row_level(f"A subquery may not use {'.'.join(path)!r} of the rows around it: join instead.")
