"""The clock stands still for a role that sees no small cells: `now()` is the beginning of the day, written out.

A condition that looks at the clock, or at chance, holds for somebody in one of two equal statements and not in the
other. What was answered before is told by its words, so the words must hold all that decides who is in a cell.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from tools.errors import Declined
from tools.warehouse.tree_parts import Tree, names_of, text, walk

_DAYS = frozenset({"current_date", "today"})
_MOMENTS = frozenset({"now", "current_timestamp", "get_current_timestamp", "transaction_timestamp"})
_LOCAL = frozenset({"localtimestamp", "current_localtimestamp"})
_TIMES = frozenset({"current_time", "localtime", "get_current_time", "current_localtime"})
_CHANCE = frozenset({"random", "uuid", "gen_random_uuid", "uuidv4", "uuidv7"})
_WITHOUT_BRACKETS = frozenset({"current_date", "current_timestamp", "current_time", "localtime", "localtimestamp"})
MOVING = _DAYS | _MOMENTS | _LOCAL | _TIMES | _CHANCE


def bind_clock(tree: Any, day: date) -> Any:
    """The statement with the clock replaced by the beginning of `day`, in the session's time zone.

    Raises:
        Declined: rule clock for times of day and chance.
    """
    if isinstance(tree, list):
        return [bind_clock(each, day) for each in tree]
    if not isinstance(tree, dict):
        return tree
    name = _moving(tree)
    if name in _DAYS:
        return _constant(tree, day.isoformat(), "date")
    if name in _MOMENTS:
        return _constant(tree, f"{day.isoformat()} 00:00:00", "timestamptz")
    if name in _LOCAL:
        return _constant(tree, f"{day.isoformat()} 00:00:00", "timestamp")
    if name:
        raise Declined(
            f"{name} is another value each time, and this role's answers are compared with each other.",
            reason="small_cell",
            rule="clock",
            value=name,
            hint="Use current_date, now() (the beginning of the day here) or a time that is written out.",
        )
    return {key: bind_clock(value, day) for key, value in tree.items()}


def is_moving(tree: Any) -> bool:
    """Whether an expression looks at the clock or at chance."""
    return any(_moving(each) for each in walk(tree, into_subqueries=True))


def _moving(item: Tree) -> str:
    """The function's or word's name when its value is another one each time; else nothing."""
    if item.get("class") == "FUNCTION":
        name = str(item["function_name"]).lower()
        return name if name in MOVING or (name == "age" and len(item["arguments"]) == 1) else ""
    names = names_of(item)
    return names[0] if len(names) == 1 and names[0] in _WITHOUT_BRACKETS else ""


def _constant(item: Tree, value: str, kind: str) -> Tree:
    """`'value'::kind`."""
    named = {"class": "TYPE", "type": "TYPE", "alias": "", "catalog": "", "schema": "", "type_name": kind}
    whole = {**named, "children": [], "qualified_name": {"path": [kind]}}
    cast = {"class": "CAST", "type": "OPERATOR_CAST", "child": text(value), "try_cast": False, "type_expr": whole}
    return {**cast, "alias": item["alias"]}
