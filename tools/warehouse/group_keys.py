"""What the rows of a SELECT are grouped by."""

from __future__ import annotations

from tools.warehouse.from_names import FromNames
from tools.warehouse.guard_errors import is_aggregate
from tools.warehouse.row_level import row_level
from tools.warehouse.tree_parts import Tree, names_of, walk


def group_keys(node: Tree, inside: FromNames) -> list[Tree]:
    """What the rows are grouped by, with positions and names of results replaced by what they stand for."""
    if not node["group_expressions"]:
        if node["aggregate_handling"] == "STANDARD_HANDLING":
            return []
        return [i for i in node["select_list"] if not any(is_aggregate(each) for each in walk(i))]
    return [_key(each, node["select_list"], inside) for each in node["group_expressions"]]


def _key(key: Tree, items: list[Tree], inside: FromNames) -> Tree:
    """What a key stands for; as in DuckDB, a column of FROM comes before the name of a result."""
    position = (key.get("literal") or {}).get("text", "") if key["class"] == "CONSTANT" else ""
    if position.isdigit() and 0 < int(position) <= len(items):
        return items[int(position) - 1]
    names = names_of(key)
    alias = next((item for item in items if item["alias"].lower() == names[-1]), None) if len(names) == 1 else None
    if alias is None or names_of(alias)[-1:] == names[-1:] or names[-1] in inside.certain:
        return key
    if inside.could_have(names[-1]):
        raise row_level(f"{names[-1]!r} in GROUP BY could be a column or a result: give the result another name.")
    return alias
