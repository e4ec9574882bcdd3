"""A statement that reads less of its tables: one more condition wherever one is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tools.warehouse.scans import Scan
from tools.warehouse.spread import Spread
from tools.warehouse.tree_parts import Tree, column, compare, every, text


def narrow(tree: Tree, parts: Sequence[tuple[Scan, Spread, int]]) -> Tree:
    """The statement, reading each of the tables from a value of its column on.

    Where a SELECT reads only the table its WHERE says so; elsewhere, as beside an outer join, a part of the table
    takes its place.
    """
    conditions = [(scan, _at_least(spread, low)) for scan, spread, low in parts]
    wheres = {id(scan.select): condition for scan, condition in conditions if scan.alone}
    tables = {id(scan.item): condition for scan, condition in conditions if not scan.alone}

    def copy(item: Any) -> Any:
        if isinstance(item, list):
            return [copy(each) for each in item]
        if not isinstance(item, dict):
            return item
        copied = {key: copy(value) for key, value in item.items()}
        if id(item) in wheres:
            copied["where_clause"] = every([copied["where_clause"], wheres[id(item)]])
        return _part(copied, tables[id(item)]) if id(item) in tables else copied

    found: Tree = copy(tree)
    return found


def _at_least(spread: Spread, low: int) -> Tree:
    value = text(spread.written(low), kind="STRING" if spread.dates else "INTEGER")
    return compare("GREATERTHANOREQUALTO", column(spread.column), value)


def _part(table: Tree, condition: Tree) -> Tree:
    """A part of the table by the table's name."""
    star: Tree = {
        "class": "STAR",
        "type": "STAR",
        "alias": "",
        "relation_name": "",
        "exclude_list": [],
        "replace_list": [],
    }
    star |= {"columns": False, "expr": None, "qualified_exclude_list": [], "rename_list": []}
    node: Tree = {
        "type": "SELECT_NODE",
        "modifiers": [],
        "cte_map": {"map": []},
        "select_list": [star],
        "from_table": {**table, "alias": "", "column_name_alias": [], "sample": None},
        "where_clause": condition,
        "group_expressions": [],
        "group_sets": [],
        "aggregate_handling": "STANDARD_HANDLING",
        "having": None,
        "sample": None,
        "qualify": None,
    }
    return {
        "type": "SUBQUERY",
        "alias": table["alias"] or table["table_name"],
        "sample": table["sample"],
        "subquery": {"node": node, "named_param_map": []},
        "column_name_alias": table["column_name_alias"],
    }
