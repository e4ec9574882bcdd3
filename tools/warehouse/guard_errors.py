"""Whether an expression over rows fails must not tell about one row: a value that would fail is NULL instead.

An error and an answer are one bit, of whatever row the writer of the statement chooses. TRY takes it away; whoever is
behind the NULLs is counted like whoever is behind any other condition.
"""

from __future__ import annotations

from typing import Any

from tools.warehouse.allowed_functions import functions_under
from tools.warehouse.tree_parts import Tree, named, operator, walk

_SAFE = frozenset({"COLUMN_REF", "CONSTANT", "STAR", "POSITIONAL_REFERENCE", "SUBQUERY", "WINDOW", "DEFAULT", "TYPE"})
_NOT_IN_TRY = frozenset({"SUBQUERY", "WINDOW", "STAR"})  # DuckDB refuses TRY around these
_SEVERAL_ROWS = frozenset({"unnest", "generate_subscripts"})
_MAY_FAIL = frozenset({"FUNCTION", "CAST", "OPERATOR"})


def guard_errors(node: Tree, keys: list[Tree]) -> None:
    """Put TRY around what is computed of single rows in a SELECT over rows, in place.

    Args:
        node: the SELECT.
        keys: what it groups by, with positions and names resolved; empty when it returns rows.
    """
    node["where_clause"] = tried(node["where_clause"])
    _guard_joins(node["from_table"])
    parts = ("select_list", "having", "qualify", "modifiers", "group_expressions")
    computed = [named(key, "") for key in keys if _may_fail(key)]
    grouped = bool(node["group_expressions"]) or node["aggregate_handling"] != "STANDARD_HANDLING"
    whole = not grouped and not any(is_aggregate(each) for each in walk([node[part] for part in parts]))
    for part in parts:
        if whole and part in ("select_list", "qualify"):
            node[part] = _each_tried(node[part])
        else:
            node[part] = _inside(node[part], computed)


def tried(item: Tree | None) -> Any:
    """The expression, its parts that could fail in TRY; its name stays."""
    if item is None or not _may_fail(item):
        return item
    if not any(each["class"] in _NOT_IN_TRY or is_aggregate(each) or _is_several(each) for each in walk(item)):
        return {**operator("OPERATOR_TRY", named(item, "")), "alias": item.get("alias", "")}
    if item["class"] in _SAFE or is_aggregate(item):
        return item
    return {key: _parts_tried(value) if key != "subquery" else value for key, value in item.items()}


def is_aggregate(item: Tree) -> bool:
    """Whether an expression is a call of an aggregate."""
    return item.get("class") == "FUNCTION" and str(item["function_name"]).lower() in functions_under("aggregates")


def _parts_tried(value: Any) -> Any:
    if isinstance(value, list):
        return [_parts_tried(each) for each in value]
    if isinstance(value, dict):
        if "class" in value:
            return tried(value)
        return {key: _parts_tried(each) for key, each in value.items()}
    return value


def _each_tried(items: Any) -> Any:
    return [tried(each) for each in items] if isinstance(items, list) else tried(items)


def _inside(item: Any, keys: list[Tree]) -> Any:
    """TRY around keys, and around the arguments and filters of aggregates."""
    if isinstance(item, list):
        return [_inside(each, keys) for each in item]
    if not isinstance(item, dict):
        return item
    if "class" in item and named(item, "") in keys:
        return tried(item)
    if item.get("class") == "FUNCTION" and is_aggregate(item):
        arguments = [{**each, "expression": tried(each["expression"])} for each in item["arguments"]]
        return {**item, "arguments": arguments, "filter": tried(item["filter"])}
    return {key: value if key == "subquery" else _inside(value, keys) for key, value in item.items()}


def _guard_joins(source: Tree) -> None:
    """The sides of join conditions, so that an equality stays one."""
    if source["type"] == "JOIN":
        _guard_joins(source["left"])
        _guard_joins(source["right"])
        if source["condition"]:
            source["condition"] = _sides_tried(source["condition"])


def _sides_tried(item: Tree) -> Tree:
    if item["class"] == "COMPARISON":
        return {**item, "left": tried(item["left"]), "right": tried(item["right"])}
    if item["class"] == "CONJUNCTION":
        return {**item, "children": [_sides_tried(each) for each in item["children"]]}
    found: Tree = tried(item)
    return found


def _may_fail(item: Tree) -> bool:
    return any(each["class"] in _MAY_FAIL and not is_aggregate(each) for each in walk(item))


def _is_several(item: Tree) -> bool:
    return item["class"] == "FUNCTION" and str(item["function_name"]).lower() in _SEVERAL_ROWS
