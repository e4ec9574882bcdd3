"""Parts of DuckDB's parse tree, to build and to search: what `json_deserialize_sql` takes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Tree = dict[str, Any]


def column(*names: str) -> Tree:
    """A column, with or without its table."""
    return {"class": "COLUMN_REF", "type": "COLUMN_REF", "alias": "", "column_names": list(names)}


def number(value: int | float) -> Tree:
    kind = "INTEGER" if isinstance(value, int) else "NUMERIC"
    return {"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "literal": {"kind": kind, "text": str(value)}}


def text(value: str, *, kind: str = "STRING") -> Tree:
    """A constant as it is written; `kind` is DuckDB's."""
    return {"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "literal": {"kind": kind, "text": value}}


def null() -> Tree:
    literal = {"kind": "NULL_LITERAL", "text": ""}
    return {"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "literal": literal}


def call(name: str, *arguments: Tree, distinct: bool = False, where: Tree | None = None) -> Tree:
    """A function or aggregate."""
    return {
        "class": "FUNCTION",
        "type": "FUNCTION",
        "alias": "",
        "function_name": name,
        "schema": "",
        "filter": where,
        "order_bys": {"type": "ORDER_MODIFIER", "orders": []},
        "distinct": distinct,
        "is_operator": False,
        "export_state": False,
        "catalog": "",
        "arguments": [{"name": "", "expression": each} for each in arguments],
        "qualified_name": {"path": [name]},
    }


def compare(kind: str, left: Tree, right: Tree) -> Tree:
    """`kind` is DuckDB's, such as GREATERTHANOREQUALTO."""
    return {"class": "COMPARISON", "type": f"COMPARE_{kind}", "alias": "", "left": left, "right": right}


def operator(kind: str, *children: Tree) -> Tree:
    """`kind` is DuckDB's, such as OPERATOR_IS_NOT_NULL."""
    return {"class": "OPERATOR", "type": kind, "alias": "", "children": list(children)}


def every(conditions: Iterable[Tree | None]) -> Tree | None:
    """All of them; None when there is none."""
    return _joined("CONJUNCTION_AND", [each for each in conditions if each is not None])


def either(left: Tree, right: Tree) -> Tree:
    found = _joined("CONJUNCTION_OR", [left, right])
    assert found is not None
    return found


def _joined(kind: str, conditions: Sequence[Tree]) -> Tree | None:
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return {"class": "CONJUNCTION", "type": kind, "alias": "", "children": list(conditions)}


def when(condition: Tree, then: Tree) -> Tree:
    """`case when condition then then end`."""
    checks = [{"when_expr": condition, "then_expr": then}]
    return {"class": "CASE", "type": "CASE_EXPR", "alias": "", "case_checks": checks, "else_expr": null()}


def to_double(item: Tree) -> Tree:
    """`try_cast(item as double)`."""
    kind = {
        "class": "TYPE",
        "type": "TYPE",
        "alias": "",
        "catalog": "",
        "schema": "",
        "type_name": "double",
        "children": [],
        "qualified_name": {"path": ["double"]},
    }
    return {"class": "CAST", "type": "OPERATOR_CAST", "alias": "", "child": item, "try_cast": True, "type_expr": kind}


def named(item: Tree, alias: str) -> Tree:
    return {**item, "alias": alias}


def without_places(item: Any) -> Any:
    """The tree without the places of its parts in the text, which differ for equal statements."""
    if isinstance(item, dict):
        return {key: without_places(value) for key, value in item.items() if not key.startswith("query_location")}
    if isinstance(item, list):
        return [without_places(each) for each in item]
    return item


def walk(item: Any, *, into_subqueries: bool = False) -> Iterator[Tree]:
    """Every expression in an expression, outermost first; subqueries themselves, and what is in them when asked."""
    if isinstance(item, list):
        for each in item:
            yield from walk(each, into_subqueries=into_subqueries)
    elif isinstance(item, dict):
        if "class" in item:
            yield item
        for key, value in item.items():
            if key != "subquery" or into_subqueries:
                yield from walk(value, into_subqueries=into_subqueries)


def conjuncts(condition: Tree | None) -> Iterator[Tree]:
    """The conditions that must all hold."""
    if condition is None:
        return
    if condition["type"] == "CONJUNCTION_AND":
        for each in condition["children"]:
            yield from conjuncts(each)
    else:
        yield condition


def names_of(item: Tree) -> tuple[str, ...]:
    """A column's path, lower case; empty for anything else."""
    return tuple(str(n).lower() for n in item["column_names"]) if item.get("class") == "COLUMN_REF" else ()


def truth(value: bool) -> Tree:
    """TRUE or FALSE."""
    return compare("EQUAL", number(1), number(int(value)))
