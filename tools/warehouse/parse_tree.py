"""DuckDB's own view of a statement, checked against what may be in one. Whatever is not listed is declined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tools.errors import Declined, InvalidInput

_EXPRESSIONS = frozenset(
    {
        "BETWEEN",
        "CASE",
        "CAST",
        "COLLATE",
        "COLUMN_REF",
        "COMPARISON",
        "CONJUNCTION",
        "CONSTANT",
        "DEFAULT",
        "FUNCTION",
        "LAMBDA",
        "OPERATOR",
        "POSITIONAL_REFERENCE",
        "STAR",
        "SUBQUERY",
        "TYPE",
        "WINDOW",
    }
)
_NODES = frozenset(
    {
        "SELECT_NODE",
        "SET_OPERATION_NODE",
        "BASE_TABLE",
        "SUBQUERY",
        "JOIN",
        "EMPTY",
        "EXPRESSION_LIST",
        "TABLE_FUNCTION",
        "ORDER_MODIFIER",
        "LIMIT_MODIFIER",
        "LIMIT_PERCENT_MODIFIER",
        "DISTINCT_MODIFIER",
        "ORDER_DEFAULT",
        "ASCENDING",
        "DESCENDING",
    }
)


@dataclass(frozen=True)
class Known:
    """What a statement may refer to.

    Attributes:
        tables: (catalog, schema, table) of the base tables it may read.
        expressions: names of its common table expressions.
        functions: functions and macros it may call, lower case.
        table_functions: those it may call in FROM.
    """

    tables: frozenset[tuple[str, str, str]]
    expressions: frozenset[str]
    functions: frozenset[str]
    table_functions: frozenset[str]


def check_parse_tree(tree: dict[str, Any], *, known: Known) -> None:
    """Decline a statement that holds anything but a query over known tables with known functions.

    Args:
        tree: what `json_serialize_sql` returned for the statement that is about to run.
        known: what it may refer to.

    Raises:
        InvalidInput: DuckDB cannot parse it.
        Declined: rules statement, construct, table, function.
    """
    if tree.get("error"):
        if "Only SELECT" in str(tree.get("error_message")):
            raise Declined("Only one SELECT may be run here.", reason="unsafe", rule="statement")
        raise InvalidInput("The warehouse cannot read this SQL.", code="invalid_sql")
    statements = tree.get("statements", [])
    if len(statements) != 1:
        raise Declined("Only one SELECT may be run here.", reason="unsafe", rule="statement")
    todo: list[Any] = [statements[0]]
    while todo:
        item = todo.pop()
        if isinstance(item, list):
            todo.extend(item)
        elif isinstance(item, dict):
            _check(item, known)
            todo.extend(_inside(item))


def _check(item: dict[str, Any], known: Known) -> None:
    kind = item.get("class", item.get("type"))
    if not isinstance(kind, str):
        return
    if kind not in (_EXPRESSIONS if "class" in item else _NODES):
        raise Declined(f"{_words(kind)} is not supported here.", reason="unsafe", rule="construct", value=kind)
    if kind == "BASE_TABLE":
        _check_table(item, known)
    elif kind == "TABLE_FUNCTION":
        function = item["function"]
        name = str(function.get("function_name")).lower()
        if function.get("class") != "FUNCTION" or not _is_plain(function) or name not in known.table_functions:
            raise _no_function(name, "in FROM")
    elif kind in ("FUNCTION", "WINDOW"):
        name = str(item["function_name"]).lower()
        if not _is_plain(item) or name not in known.functions:
            raise _no_function(name, "here")


def _check_table(item: dict[str, Any], known: Known) -> None:
    catalog, schema, name = (item.get(key, "") for key in ("catalog_name", "schema_name", "table_name"))
    if (catalog, schema, name) in known.tables or (not catalog and not schema and name in known.expressions):
        if item.get("at_clause"):
            raise Declined("Older versions of a table cannot be read here.", reason="unsafe", rule="construct")
        return
    raise Declined(f"There is no table {name!r} that you may use.", reason="not_permitted", rule="table", value=name)


def _inside(item: dict[str, Any]) -> list[Any]:
    """The parts still to check. A constant's value is data; a checked table function leaves only its arguments."""
    if item.get("class") == "CONSTANT":
        return []
    if item.get("type") == "TABLE_FUNCTION" and "class" not in item:
        return [*item["function"].values(), *(value for key, value in item.items() if key != "function")]
    return list(item.values())


def _is_plain(function: dict[str, Any]) -> bool:
    """A call without schema or catalog."""
    return not function.get("schema") and not function.get("catalog")


def _no_function(name: str, where: str) -> Declined:
    return Declined(
        f"The function {name!r} may not be called {where}.",
        reason="unsafe",
        rule="function",
        value=name,
        hint="Macros of the warehouse are allowed by `functions` of a role in transect.toml.",
    )


def _words(kind: str) -> str:
    return kind.removesuffix("_REF").removesuffix("_NODE").replace("_", " ").capitalize()
