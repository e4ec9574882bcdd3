"""How an aggregated value may be made of columns, so that no arithmetic stands in for a condition.

Conditions are counted: who is on each side of `user_id = 5` must be nobody or enough. `1 - abs(sign(user_id - 5))` is
the same test made of arithmetic, and nothing would count it. So a value may come of columns in few ways, all of which
treat neighbours alike: the column itself, one function of it that has no place of the writer's choosing, and sums,
products and ratios of those. Everything else is wild, and is not aggregated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tools.warehouse.cell_checks import PUBLISHABLE, is_condition
from tools.warehouse.guard_errors import is_aggregate
from tools.warehouse.tree_parts import Tree, names_of, walk

STORED, ROUNDED, LINEAR, WILD = range(4)
_STEADY_WORDS = """
round floor ceil ceiling trunc sqrt cbrt ln log10 log2 abs year month day hour minute second quarter week weekofyear
dayofweek isodow dayofmonth dayofyear yearweek isoyear dayname monthname decade century era date_part datepart strftime
length len strlen char_length character_length octet_length lower upper trim ltrim rtrim last_day monthname to_base
"""
_STEADY = frozenset(_STEADY_WORDS.split())
_ROUNDING = frozenset({"round", "floor", "ceil", "ceiling", "trunc"})
_SAME = frozenset({"date_trunc", "datetrunc", "unnest"})
_PARTS_WORDS = """
json_extract json_extract_string json_value json_extract_path json_extract_path_text -> ->> struct_extract list_extract
array_extract list_element element_at map_extract_value json_array_length cardinality
"""
_PARTS = frozenset(_PARTS_WORDS.split())
_EPOCHS = frozenset({"epoch", "epoch_ms", "epoch_us", "epoch_ns"})
_BETWEEN_TIMES = frozenset({"date_diff", "datediff", "date_sub", "datesub", "age"})
_TUPLES = frozenset({"row", "struct_pack", "concat", "concat_ws", "||"})
_WHOLE_NUMBERS = frozenset({"double", "float", "real", "float8", "float4", "float64"})
_CONSTANTS = frozenset({"CONSTANT", "DEFAULT", "TYPE", "SUBQUERY"})


class Shape(NamedTuple):
    """How a value is made: its kind, and the columns in it; none when it is a constant or a condition."""

    kind: int
    columns: frozenset[tuple[str, ...]] = frozenset()


def shape_of(item: Tree, known: Mapping[str, int], *, ordered: bool = False) -> Shape:
    """The shape of an expression.

    Args:
        item: the expression.
        known: kinds of the columns that are not stored as they are, by their name in lower case.
        ordered: whether only the order of the values counts, as for `max`: then rounding keeps it, wherever it stands.
    """
    if names := names_of(item):
        return Shape(known.get(names[-1], STORED), frozenset({names}))
    if item["class"] in _CONSTANTS or is_condition(item):
        return Shape(STORED)
    found = _shape(item, known, ordered)
    return found if found.columns else Shape(STORED)


def is_tuple(item: Tree, known: Mapping[str, int]) -> bool:
    """Whether it is several stored columns side by side: what may be counted distinct, and nothing else."""
    if item.get("type") == "OPERATOR_TRY":
        return is_tuple(item["children"][0], known)
    return item["class"] == "FUNCTION" and _name(item) in _TUPLES and _most(_arguments(item), known).kind == STORED


def _shape(item: Tree, known: Mapping[str, int], ordered: bool) -> Shape:
    kind = item["class"]
    if kind == "CAST":
        inner = shape_of(item["child"], known, ordered=ordered)
        smooth = inner.kind < LINEAR or ordered or str(item["type_expr"].get("type_name")).lower() in _WHOLE_NUMBERS
        return inner if smooth else Shape(WILD, inner.columns)
    if kind == "COLLATE":
        return shape_of(item["child"], known, ordered=ordered)
    if kind == "CASE":
        branches = [*(check["then_expr"] for check in item["case_checks"]), item["else_expr"]]
        return _most([each for each in branches if each], known, ordered)
    if kind == "OPERATOR":
        return _operator(item, known, ordered)
    if kind == "FUNCTION":
        return _function(item, known, ordered)
    columns = frozenset(names_of(each) for each in walk(item) if names_of(each))
    simple = kind == "WINDOW" and all(each["class"] in (*_CONSTANTS, "COLUMN_REF") for each in list(walk(item))[1:])
    plain = simple and not any(known.get(names[-1], STORED) for names in columns)
    return Shape(STORED if plain else WILD, columns)


def _operator(item: Tree, known: Mapping[str, int], ordered: bool) -> Shape:
    children = item["children"]
    found = _most(children, known, ordered)
    if item["type"] in ("OPERATOR_TRY", "OPERATOR_COALESCE"):
        return found
    if item["type"] in ("ARRAY_EXTRACT", "STRUCT_EXTRACT", "ARRAY_SLICE", "OPERATOR_UNNEST"):
        return found if found.kind == STORED and not _most(children[1:], known).columns else Shape(WILD, found.columns)
    return Shape(WILD, found.columns)


def _function(item: Tree, known: Mapping[str, int], ordered: bool) -> Shape:
    name, arguments = _name(item), _arguments(item)
    found = _most(arguments, known, ordered)
    if is_aggregate(item):  # of one unit's rows
        single = name in PUBLISHABLE or name in ("any_value", "first", "last", "arg_max", "arg_min", "max_by", "min_by")
        return found if single else Shape(WILD, found.columns)
    if name == "if":
        return _most(arguments[1:], known, ordered)
    if name == "nullif":
        return shape_of(arguments[0], known, ordered=ordered)
    if name in ("coalesce", "ifnull"):
        return found
    if found.kind == WILD:
        return found
    parts = [each for each in (shape_of(each, known, ordered=ordered) for each in arguments) if each.columns]
    if name in ("+", "-"):
        return Shape(LINEAR, found.columns)
    if name in ("*", "/"):
        apart = sum(len(each.columns) for each in parts) == len(found.columns)
        below = shape_of(arguments[-1], known)
        sound = name == "*" or not below.columns or below.kind == STORED
        return Shape(LINEAR if apart and sound else WILD, found.columns)
    return Shape(_kind(name, arguments, parts, found, ordered), found.columns)


def _kind(name: str, arguments: list[Tree], parts: list[Shape], found: Shape, ordered: bool) -> int:
    """Of a function other than arithmetic."""
    alone = len(parts) == 1
    if name in _SAME | _PARTS and alone and (found.kind == STORED or (ordered and name in _SAME)):
        return found.kind
    if name in _EPOCHS:
        return found.kind
    if name in _BETWEEN_TIMES and found.kind == STORED and len(arguments) > 1:
        return ROUNDED
    if name in _STEADY and alone and found.kind <= ROUNDED:
        return ROUNDED
    if name in _ROUNDING and alone and ordered:
        return LINEAR
    if name in ("pow", "power", "^", "**") and alone and found.kind == STORED:
        return ROUNDED if _text(arguments[-1]) in ("2", "3", "0.5") else WILD
    return WILD


def _most(items: list[Tree], known: Mapping[str, int], ordered: bool = False) -> Shape:
    """The wildest of several, with the columns of all."""
    shapes = [shape_of(each, known, ordered=ordered) for each in items]
    return Shape(
        max((each.kind for each in shapes), default=STORED), frozenset().union(*(each.columns for each in shapes))
    )


def _name(item: Tree) -> str:
    return str(item["function_name"]).lower()


def _arguments(item: Tree) -> list[Tree]:
    return [each["expression"] for each in item["arguments"]]


def _text(item: Any) -> str:
    return str((item.get("literal") or {}).get("text", ""))
