"""Names in a SELECT over rows that could stand for more than they say: they are declined."""

from __future__ import annotations

from typing import Any

from tools.warehouse.from_names import FromNames
from tools.warehouse.row_level import row_level
from tools.warehouse.tree_parts import Tree, names_of, walk


def check_aliases(items: list[Tree], used: list[Tree], inside: FromNames) -> None:
    """Decline a result's name in an expression of the same SELECT over rows, where it stands for more than it says."""
    computed = {
        item["alias"].lower() for item in items if item["alias"] and names_of(item)[-1:] != (item["alias"].lower(),)
    }
    for each in walk(used):
        names = names_of(each)
        if len(names) == 1 and names[0] in computed - inside.certain:
            raise row_level(f"{names[0]!r} is computed in the same SELECT: compute it in a subquery or WITH first.")


def check_names(items: Any, whole: set[str]) -> None:
    """Every column must be called by its name, for that is what it is known by: what is in it, and its conditions.

    A star may stand for itself only, never in an expression; `whole` are names that stand for whole rows.
    """
    for each in walk(items):
        star = each["class"] == "STAR" and (each["columns"] or each["replace_list"] or each["rename_list"])
        inside = each["class"] not in ("STAR", "SUBQUERY") and any(e["class"] == "STAR" for e in walk(each))
        path = names_of(each)
        row = bool(path) and path[-1] in whole and not (len(path) == 2 and path[0] in whole)
        if star or inside or row or each["class"] == "POSITIONAL_REFERENCE":
            raise row_level("Name the columns one by one.")
