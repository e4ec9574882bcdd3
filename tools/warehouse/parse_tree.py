"""DuckDB's own view of a statement, checked against what may be in one. Whatever is not listed is declined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tools.errors import Declined, InvalidInput
from tools.warehouse.big_arguments import check_arguments
from tools.warehouse.one_query import not_one_select

_EXPRESSION_WORDS = """
BETWEEN CASE CAST COLLATE COLUMN_REF COMPARISON CONJUNCTION CONSTANT DEFAULT FUNCTION LAMBDA OPERATOR
POSITIONAL_REFERENCE STAR SUBQUERY TYPE WINDOW
"""
_NODE_WORDS = """
SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE BASE_TABLE SUBQUERY JOIN EMPTY EXPRESSION_LIST TABLE_FUNCTION PIVOT
ORDER_MODIFIER LIMIT_MODIFIER LIMIT_PERCENT_MODIFIER DISTINCT_MODIFIER ORDER_DEFAULT ASCENDING DESCENDING
"""
_EXPRESSIONS, _NODES = frozenset(_EXPRESSION_WORDS.split()), frozenset(_NODE_WORDS.split())
_WRITES = frozenset(
    {"INSERT_QUERY_NODE", "UPDATE_QUERY_NODE", "DELETE_QUERY_NODE", "MERGE_QUERY_NODE", "COPY_QUERY_NODE"}
)
# Words that DuckDB reads as a call when no column has that name.
_CALLED_WORDS = "user current_user session_user current_role current_schema current_catalog current_database"
_CALLED_WITHOUT_BRACKETS = frozenset(_CALLED_WORDS.split())
_SCHEMAS = frozenset({"main", "temp", "system", "information_schema", "pg_catalog"})
Scope = frozenset[str]


@dataclass(frozen=True)
class Known:
    """What a statement may refer to, in lower case.

    Attributes:
        tables: every way to write a table that it may read, as a path of names -> the table's own name.
        functions: functions and macros it may call.
        table_functions: those it may call in FROM.
        columns: names of the columns of those tables.
    """

    tables: dict[tuple[str, ...], str]
    functions: frozenset[str]
    table_functions: frozenset[str]
    columns: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reads:
    """What a statement reads.

    Attributes:
        tables: the tables, once for each time they are named.
        names: every column name in it, lower case.
    """

    tables: tuple[str, ...]
    names: frozenset[str]


def check_parse_tree(tree: dict[str, Any], *, text: str = "", known: Known) -> Reads:
    """Decline a statement that holds anything but a query over known tables with known functions.

    Args:
        tree: what `json_serialize_sql` returned for the very text that is about to run.
        text: that text, for the place of a mistake.
        known: what it may refer to.

    Raises:
        InvalidInput: DuckDB cannot parse it.
        Declined: rules statement, construct, table, function, argument.
    """
    if tree.get("error"):
        if "Only SELECT" in str(tree.get("error_message")):
            raise not_one_select()
        raise _not_sql(tree, text)
    statements = tree.get("statements", [])
    if len(statements) != 1:
        raise not_one_select()
    tables: list[str] = []
    names: set[str] = set()
    todo: list[tuple[Any, Scope]] = [(statements[0], frozenset())]
    while todo:
        item, scope = todo.pop()
        if isinstance(item, list):
            todo.extend((each, scope) for each in item)
        elif isinstance(item, dict):
            if table := _check(item, scope, known):
                tables.append(table)
            names.update(_names_in(item))
            todo.extend(inside(item, scope))
    return Reads(tuple(tables), frozenset(names))


def _check(item: dict[str, Any], scope: Scope, known: Known) -> str | None:
    """Decline what is not listed; the table's name when the item is one of the warehouse's."""
    kind = item.get("class", item.get("type"))
    if not isinstance(kind, str):
        return None
    if kind not in (_EXPRESSIONS if "class" in item else _NODES):
        raise not_one_select() if kind in _WRITES else _not_supported(kind)
    if kind == "BASE_TABLE":
        return _check_table(item, scope, known)
    if kind == "TABLE_FUNCTION":
        function = item["function"]
        if function.get("class") != "FUNCTION":
            raise _not_supported(kind)
        _check_function(function, known.table_functions, "in FROM", known)
    elif kind in ("FUNCTION", "WINDOW"):
        _check_function(item, known.functions, "here", known)
    elif kind == "COLUMN_REF":
        names = item["column_names"]
        if len(names) == 1 and (name := str(names[0]).lower()) in _CALLED_WITHOUT_BRACKETS - known.columns:
            raise _no_function(name, "here")
    return None


def _check_function(item: dict[str, Any], allowed: frozenset[str], where: str, known: Known) -> None:
    """Decline what is not on the list; `country.lower()` is the column's, another name before a dot is a schema."""
    name = str(item.get("function_name")).lower()
    before = path_of(item)[:-1] or tuple(str(item[key]).lower() for key in ("catalog", "schema") if item.get(key))
    chained = bool(before) and where == "here" and before[-1] in known.columns and _SCHEMAS.isdisjoint(before)
    chained = chained and not {path[0] for path in known.tables if len(path) > 1} & set(before)
    if name not in allowed or (before and not chained):
        raise _no_function(name, where)
    check_arguments(name, item)


def _check_table(item: dict[str, Any], scope: Scope, known: Known) -> str | None:
    legacy = tuple(str(item[key]).lower() for key in ("catalog_name", "schema_name", "table_name") if item.get(key))
    path = path_of(item) or legacy
    if item.get("at_clause"):
        raise Declined("Older versions of a table cannot be read here.", reason="unsafe", rule="construct")
    if legacy and legacy != path:
        raise no_table(path, known)
    if len(path) == 1 and path[0] in scope:
        return None
    if path not in known.tables:
        raise no_table(path, known)
    return known.tables[path]


def path_of(item: dict[str, Any]) -> tuple[str, ...]:
    """The qualified name of a table or function, lower case."""
    return tuple(str(part).lower() for part in (item.get("qualified_name") or {}).get("path", ()))


def inside(item: dict[str, Any], scope: Scope) -> Iterator[tuple[Any, Scope]]:
    """The parts still to check, each with the common table expressions it can see.

    A constant's value is data; of a table function that was checked only the arguments are left. An expression sees
    those before it, and itself only where DuckDB made a recursive one of it.
    """
    if item.get("class") == "CONSTANT":
        return
    if item.get("type") == "TABLE_FUNCTION" and "class" not in item:
        yield [*item["function"].values()], scope
        yield [value for key, value in item.items() if key != "function"], scope
        return
    for entry in (item.get("cte_map") or {}).get("map", ()):
        name, body = str(entry["key"]).lower(), entry["value"]
        recursive = (body.get("query_node") or body.get("query", {}).get("node") or {}).get(
            "type"
        ) == "RECURSIVE_CTE_NODE"
        yield body, scope | {name} if recursive else scope
        scope |= {name}
    for key, value in item.items():
        if key != "cte_map":
            yield value, scope


def _names_in(item: dict[str, Any]) -> Iterator[str]:
    """Names of columns in one part, wherever DuckDB keeps them, lower case."""
    for key in ("column_names", "using_columns", "exclude_list"):
        yield from (str(name).lower() for name in item.get(key) or () if isinstance(name, str))
    for entry in item.get("qualified_exclude_list") or ():
        yield str(entry.get("column", "") if isinstance(entry, dict) else entry).lower()
    if item.get("type") == "STRUCT_EXTRACT":
        yield str((item["children"][-1].get("literal") or {}).get("text", "")).lower()


def no_table(path: tuple[str, ...], known: Known) -> Declined:
    """A table that is hidden and one that does not exist sound the same."""
    written = ".".join(path)
    return Declined(
        f"There is no table {written!r} that you may use.",
        reason="not_permitted",
        rule="table",
        value=written,
        allowed=sorted(set(known.tables.values())),
    )


def _not_sql(tree: dict[str, Any], text: str) -> InvalidInput:
    """DuckDB's place of the mistake in our words."""
    place = ""
    if str(tree.get("position", "")).isdigit() and text:
        before = text.encode()[: int(tree["position"])].decode("utf-8", "replace")
        place = f" (line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))})"
    hint = "" if place else "Does every quote, bracket and comment end?"
    return InvalidInput(f"This is not SQL that can be read{place}.", code="invalid_sql", hint=hint)


def _no_function(name: str, where: str) -> Declined:
    return Declined(
        f"The function {name!r} may not be called {where}.",
        reason="unsafe",
        rule="function",
        value=name,
        hint="Macros of the warehouse are allowed by `functions` of a role in transect.toml.",
    )


def _not_supported(kind: str) -> Declined:
    words = kind.removesuffix("_REF").removesuffix("_NODE").replace("_", " ").capitalize()
    return Declined(f"{words} is not supported here.", reason="unsafe", rule="construct", value=kind)
