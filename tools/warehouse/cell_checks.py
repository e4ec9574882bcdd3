"""Which aggregates may be published, and what is counted behind each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.errors import Declined
from tools.warehouse.tree_parts import (
    Tree,
    call,
    compare,
    either,
    every,
    names_of,
    number,
    operator,
    to_double,
    truth,
    when,
)

_COUNTS = frozenset({"count", "count_star", "countif", "count_if", "approx_count_distinct"})
_TOTALS = frozenset({"sum", "avg", "mean", "fsum", "favg", "kahan_sum", "sumkahan"})
_SPREAD_WORDS = """
stddev stddev_pop stddev_samp var_pop var_samp variance sem mad median quantile quantile_cont quantile_disc
approx_quantile corr covar_pop covar_samp skewness kurtosis kurtosis_pop regr_avgx regr_avgy regr_count
regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy geomean geometric_mean wavg weighted_avg entropy
"""
_SPREADS = frozenset(_SPREAD_WORDS.split())
_OF_FLAGS = frozenset({"bool_and", "bool_or"})
TEXT_FREE = frozenset({"min", "max"})
PUBLISHABLE = _COUNTS | _TOTALS | _SPREADS | _OF_FLAGS | TEXT_FREE | {"grouping", "grouping_id"}
_TEST_OPERATORS = frozenset(
    {"COMPARE_IN", "COMPARE_NOT_IN", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_NOT"}
)
_TEST_WORDS = """
~~ !~~ ~~* !~~* ~~~ ^@ contains starts_with ends_with prefix suffix regexp_matches regexp_full_match like_escape
ilike_escape isfinite isnan isinf list_contains list_has array_contains
"""
_TESTS = frozenset(_TEST_WORDS.split())


def check_aggregate(item: Tree) -> None:
    """Decline an aggregate that hands on single values, such as list, string_agg or arg_max."""
    name = str(item["function_name"]).lower()
    if name not in PUBLISHABLE or (name in TEXT_FREE and len(item["arguments"]) > 1):
        raise hands_on(name)


def hands_on(name: str) -> Declined:
    """What is said of an aggregate that gives the value of a row."""
    return Declined(
        f"{name} hands on values of single rows.",
        reason="small_cell",
        rule="row_level",
        value=name,
        hint="Use count, sum, avg, median, quantile_cont or stddev, of numbers or times.",
    )


def is_condition(item: Tree) -> bool:
    """Whether an expression tells rows apart: a comparison, a test, IN, LIKE, AND, OR."""
    kind = item.get("class")
    if kind in ("COMPARISON", "BETWEEN", "CONJUNCTION"):
        return True
    if kind == "OPERATOR":
        return item["type"] in _TEST_OPERATORS
    return kind == "FUNCTION" and str(item["function_name"]).lower() in _TESTS


def conditions_in(item: Any, known: Mapping[str, tuple[Tree, ...]]) -> Iterator[Tree]:
    """The outermost conditions that an expression holds, and those of the computed columns that it uses (`known`)."""
    if isinstance(item, list):
        for each in item:
            yield from conditions_in(each, known)
    elif isinstance(item, dict) and item.get("class") != "SUBQUERY":
        if is_condition(item):
            yield item
        elif names := names_of(item):
            yield from known.get(names[-1], ())
        elif str(item.get("function_name")).lower() == "nullif":
            left, right = (each["expression"] for each in item["arguments"])
            yield compare("EQUAL", left, right)
        elif str(item.get("function_name")).lower() == "if":
            yield item["arguments"][0]["expression"]
            yield from conditions_in(item["arguments"][1:], known)
        else:
            yield from (check["when_expr"] for check in item.get("case_checks", ()))
            parts = {**item, "case_checks": [check["then_expr"] for check in item.get("case_checks", ())]}
            yield from conditions_in(list(parts.values()), known)


def value_columns(item: Any) -> Iterator[tuple[str, ...]]:
    """The columns whose values are in an expression's value."""
    if isinstance(item, list):
        for each in item:
            yield from value_columns(each)
    elif isinstance(item, dict):
        if names := names_of(item):
            yield names
        elif is_condition(item) or item.get("class") == "SUBQUERY":
            return
        elif str(item.get("function_name")).lower() == "if":
            yield from value_columns(item["arguments"][1:])
        else:
            parts = {**item, "filter": None, "case_checks": [c["then_expr"] for c in item.get("case_checks", ())]}
            yield from value_columns(list(parts.values()))


def guarded(item: Tree, units: list[Tree], conditions: list[Tree], *, min_cell: int) -> Tree:
    """The aggregate, or NULL where fewer than `min_cell` units are behind it, or behind one side of a condition in it.

    Behind a count are the rows it counts, behind a total those that are not zero. A total of which one row makes more
    than half is hidden as well: it would give that row away.
    """
    name = str(item["function_name"]).lower()
    if name in ("grouping", "grouping_id"):
        return item
    where, arguments = item["filter"], [each["expression"] for each in item["arguments"]]
    behind = every([where, *(operator("OPERATOR_IS_NOT_NULL", each) for each in _measured(name, arguments))])
    if behind is None:
        return item  # count(*): the group's own count
    if name in _COUNTS | _TOTALS | _OF_FLAGS and name not in ("count", "approx_count_distinct") and arguments:
        behind = every([behind, compare("DISTINCT_FROM", to_double(arguments[0]), number(0))])
    checks = [_at_least(unit, behind, min_cell) for unit in units]
    computed = [each for each in _measured(name, arguments) if each["class"] not in ("COLUMN_REF", "CONSTANT")]
    for condition in [*conditions, *(operator("OPERATOR_IS_NULL", each) for each in computed)]:
        for unit in units:
            for side in (condition, operator("OPERATOR_NOT", call("ifnull", condition, truth(False)))):
                checks.append(_none_or_enough(unit, every([where, side]), min_cell))
    if name in _TOTALS:
        size = call("abs", to_double(arguments[0]))
        largest, total = call("max", size, where=where), call("sum", size, where=where)
        checks.append(compare("LESSTHANOREQUALTO", call("*", largest, number(2)), total))
    shown = every(checks)
    assert shown is not None
    alias = item["alias"]
    return {**when(shown, {**item, "alias": ""}), "alias": alias}


def _measured(name: str, arguments: list[Tree]) -> list[Tree]:
    """The arguments whose values are aggregated; the share of a quantile is none."""
    if name == "count_star":
        return []
    return arguments[:1] if name.startswith(("quantile", "approx_quantile")) else arguments


def _at_least(unit: Tree, where: Tree | None, min_cell: int) -> Tree:
    return compare("GREATERTHANOREQUALTO", call("count", unit, distinct=True, where=where), number(min_cell))


def _none_or_enough(unit: Tree, where: Tree | None, min_cell: int) -> Tree:
    none = compare("EQUAL", call("count", unit, distinct=True, where=where), number(0))
    return either(none, _at_least(unit, where, min_cell))
