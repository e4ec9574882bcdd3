"""Whether a least, greatest or middle value could say which row it is of.

`max(amount)` is somebody's amount, and nobody knows whose. `max(id * 1000000 + amount)` is the amount of a row that the
writer chose: one column decides the order, another is carried along in the digits. So the values that are ordered may
come of one column; of two only where neither can be read off: a time between two times, a product or a quotient.
"""

from __future__ import annotations

from typing import Any

from tools.warehouse.cell_checks import is_condition, value_columns
from tools.warehouse.tree_parts import Tree, names_of

ORDERING = frozenset({"min", "max", "median", "mad", "quantile", "quantile_cont", "quantile_disc", "approx_quantile"})
_BETWEEN_TIMES = frozenset({"date_diff", "datediff", "date_sub", "datesub", "age"})
_LENGTHS = frozenset({"epoch", "epoch_ms", "epoch_us", "epoch_ns"})
_COUNTS_OF_TEXT = frozenset({"length", "len", "strlen", "char_length", "character_length", "octet_length", "count"})
_ROUGHER = frozenset({"date_trunc", "datetrunc"})


def is_mixed(item: Tree, computed: frozenset[str], mixed: frozenset[str]) -> bool:
    """Whether an expression's value holds several columns at once.

    Args:
        item: the expression; what is only in its conditions is counted elsewhere.
        computed, mixed: columns of the rows that are computed, and those of them that are mixed.
    """
    columns = set(value_columns(item))
    if any(name[-1] in mixed for name in columns):
        return True
    return len(columns) > 1 and not _is_allowed(_inner(item), computed)


def holds_text(item: Any, texts: frozenset[str]) -> bool:
    """Whether an expression's value holds a text or document, and not only how long it is."""
    if isinstance(item, list):
        return any(holds_text(each, texts) for each in item)
    if not isinstance(item, dict):
        return False
    if names := names_of(item):
        return any(name in texts for name in names)
    if is_condition(item) or item.get("class") == "SUBQUERY" or _called(item)[0] in _COUNTS_OF_TEXT:
        return False
    if _called(item)[0] == "if":
        return holds_text(item["arguments"][1:], texts)
    parts = {**item, "filter": None, "case_checks": [check["then_expr"] for check in item.get("case_checks", ())]}
    return holds_text(list(parts.values()), texts)


def is_plain(item: Tree, computed: frozenset[str]) -> bool:
    """Whether an expression is a column as it is stored, at most cast or rounded to a period."""
    item = _inner(item)
    return bool(names_of(item)) and names_of(item)[-1] not in computed


def _is_allowed(item: Tree, computed: frozenset[str]) -> bool:
    """Two plain columns, put together so that neither can be read off."""
    name, arguments = _called(item)
    several = [_inner(each) for each in arguments if set(value_columns(each))]
    if len(several) == 1:  # scaled, rounded, or the length of a time between two
        (inner,) = several
        if name in _LENGTHS and _called(inner)[0] == "-":
            return all(is_plain(each, computed) for each in _called(inner)[1])
        return _is_allowed(inner, computed)
    if name == "-":
        lengths = [_called(each) for each in several]
        return all(each in _LENGTHS and is_plain(of[0], computed) for each, of in lengths if of) and all(
            each for each, _ in lengths
        )
    return name in _BETWEEN_TIMES | {"*", "/"} and all(is_plain(each, computed) for each in several)


def _called(item: Tree) -> tuple[str, list[Tree]]:
    """A function's name and arguments; nothing of anything else."""
    if item.get("class") != "FUNCTION":
        return "", []
    return str(item["function_name"]).lower(), [each["expression"] for each in item["arguments"]]


def _inner(item: Tree) -> Tree:
    """The expression without casts, TRY and rounding to a period."""
    if item.get("class") == "CAST":
        return _inner(item["child"])
    if item.get("type") == "OPERATOR_TRY":
        return _inner(item["children"][0])
    name, arguments = _called(item)
    if name in _ROUGHER and len(arguments) == 2:
        return _inner(arguments[1])
    return item
