"""SQL text made harmless: one SELECT, on projections that hold only what the asker may see.

What runs is not the text but what is generated from its parsed form, with every table replaced by
`(select <visible columns> from <table>)`. A hidden column is then not forbidden, it is not there: neither `*`,
COLUMNS(), USING, NATURAL nor a reference to the whole row can reach it. Common table expressions get new names, so a
name that is mistaken for one finds nothing instead of a base table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.errors import Declined, InvalidInput
from tools.warehouse.one_query import check_one_query, not_one_select
from tools.warehouse.visible import Tables

if TYPE_CHECKING:
    from sqlglot import exp

_MAX_LENGTH = 20_000
_MAX_BRACKETS = 400
_MAX_DEPTH = 200
_TABLE_PARTS = {"this", "db", "catalog", "alias", "joins"}


@dataclass(frozen=True)
class Guarded:
    """A statement that may run once DuckDB's own parser agrees.

    Attributes:
        sql: what to run.
        tables: the base tables it reads.
        expressions: the new names of its common table expressions.
        names: every name the text uses, lower case.
    """

    sql: str
    tables: frozenset[str]
    expressions: frozenset[str]
    names: frozenset[str]


def guard_sql(sql: str, *, visible: Tables, database: str, result_rows: int) -> Guarded:
    """Parse, confine and bound a statement.

    Args:
        sql: what somebody wrote.
        visible: tables and columns the asker may see.
        database: its name, to qualify base tables.
        result_rows: at most one row more is asked for, so that a cut shows.

    Raises:
        InvalidInput: it is not SQL.
        Declined: rules statement, length, depth, construct, table.
    """
    query = _parse(sql)
    names = _names(query)
    expressions = _rename_expressions(query)
    tables = _confine(query, visible, database, expressions)
    return Guarded(_write(_bound(query, result_rows)), tables, frozenset(expressions.values()), names)


def _parse(sql: str) -> exp.Query:
    """The one SELECT of the text; its size and depth are capped before anything recurses over it."""
    import sqlglot  # start-up
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    if len(sql) > _MAX_LENGTH:
        raise _declined(f"The SQL has {len(sql)} characters; {_MAX_LENGTH} are allowed.", rule="length")
    if sum(sql.count(bracket) for bracket in "([{") > _MAX_BRACKETS:
        raise _declined(f"The SQL has more than {_MAX_BRACKETS} brackets.", rule="depth")
    try:
        check_one_query(sql)
        parsed = [statement for statement in sqlglot.parse(sql, read="duckdb") if statement is not None]
    except SqlglotError as error:
        raise _not_sql(error) from None
    except RecursionError:
        raise _declined("The SQL is nested too deeply.", rule="depth") from None
    if len(parsed) != 1 or not isinstance(parsed[0], exp.Query):
        raise not_one_select()
    if any(with_.args.get("recursive") for with_ in parsed[0].find_all(exp.With)):
        raise _declined("Recursive queries are not supported here.", rule="construct")
    if _depth(parsed[0]) > _MAX_DEPTH:
        raise _declined(f"The SQL is nested deeper than {_MAX_DEPTH} levels.", rule="depth")
    return parsed[0]


def _write(query: exp.Query) -> str:
    """The text to run; what sqlglot would have to leave out is declined instead."""
    from sqlglot.errors import ErrorLevel, UnsupportedError  # start-up

    try:
        return query.sql(dialect="duckdb", comments=False, unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError:
        raise _declined("Part of this SQL is not supported here.", rule="construct") from None


def _names(query: exp.Query) -> frozenset[str]:
    from sqlglot import exp  # start-up

    return frozenset(node.name.lower() for node in query.find_all(exp.Identifier))


def _rename_expressions(query: exp.Query) -> dict[int, str]:
    """Give every common table expression a name no table has; maps the identity of its node to that name."""
    from sqlglot import exp  # start-up

    renamed: dict[int, str] = {}
    references = [(table, _expression_of(table)) for table in query.find_all(exp.Table)]
    for number, expression in enumerate(query.find_all(exp.CTE)):
        renamed[id(expression)] = f"cte_{number}_of_this_query"
    for table, target in references:
        if target is not None:
            if not table.args.get("alias"):
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
            table.set("this", exp.to_identifier(renamed[id(target)], quoted=True))
    for expression in query.find_all(exp.CTE):
        expression.args["alias"].set("this", exp.to_identifier(renamed[id(expression)], quoted=True))
    return renamed


def _expression_of(table: exp.Table) -> exp.CTE | None:
    """The common table expression that the name of `table` means, nearest first; an expression sees those before it."""
    from sqlglot import exp  # start-up

    if table.args.get("db") or not isinstance(table.this, exp.Identifier):
        return None
    inside: exp.Expr = table
    node: exp.Expr | None = table.parent
    own: exp.Expr | None = None
    while node is not None:
        if isinstance(inside, exp.CTE):
            own = inside
        with_ = node.args.get("with_")
        if isinstance(node, exp.Query) and isinstance(with_, exp.With):
            listed = list(with_.expressions)
            if inside is with_:
                listed = listed[: next(i for i, e in enumerate(listed) if e is own)]
            for expression in reversed(listed):
                if expression.alias.lower() == table.name.lower():
                    return expression  # type: ignore[no-any-return]
        inside, node = node, node.parent
    return None


def _confine(query: exp.Query, visible: Tables, database: str, expressions: dict[int, str]) -> frozenset[str]:
    """Put a projection of visible columns in the place of every base table; the tables used."""
    from sqlglot import exp  # start-up

    known = {name.lower(): name for name in visible}
    new_names = set(expressions.values())
    used: set[str] = set()
    for table in list(query.find_all(exp.Table)):
        if not isinstance(table.this, exp.Identifier) or (table.name in new_names and not table.args.get("db")):
            continue  # a table function: DuckDB's parse tree decides
        if extra := {part for part, value in table.args.items() if value} - _TABLE_PARTS:
            raise _declined(f"{', '.join(sorted(extra))} on a table is not supported here.", rule="construct")
        written = ".".join(part.name for part in table.parts)
        name = known.get(_plain_name(table, database))
        if name is None:
            raise Declined(
                f"There is no table {written!r} that you may use.",
                reason="not_permitted",
                rule="table",
                value=written,
                allowed=sorted(visible),
            )
        used.add(name)
        schema, _, plain = name.rpartition(".")
        source = exp.table_(plain, db=schema or "main", catalog=database, quoted=True)
        columns = [exp.column(column, quoted=True) for column in visible[name]]
        alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name, quoted=True))
        projection = exp.Subquery(this=exp.select(*columns).from_(source), alias=alias)
        if joins := table.args.get("joins"):
            projection.set("joins", joins)
        table.replace(projection)
    return frozenset(used)


def _plain_name(table: exp.Table, database: str) -> str:
    """`table`, or `schema.table` outside the schema main; another database makes a name that is in no list."""
    parts = [part.name.lower() for part in table.parts]
    if len(parts) == 3 and parts[0] == database.lower():
        parts = parts[1:]
    if len(parts) == 2 and parts[0] == "main":
        parts = parts[1:]
    return ".".join(parts)


def _bound(query: exp.Query, result_rows: int) -> exp.Query:
    """At most `result_rows` + 1 rows; a smaller limit of the text stays."""
    from sqlglot import exp  # start-up

    limit = query.args.get("limit")
    if isinstance(query, (exp.Select, exp.SetOperation)):
        if limit is None:
            return query.limit(result_rows + 1, copy=False)
        literal = limit.expression if isinstance(limit, exp.Limit) else None
        if isinstance(literal, exp.Literal) and not literal.is_string and literal.name.isdigit():
            if int(literal.name) > result_rows + 1:
                literal.replace(exp.Literal.number(result_rows + 1))
            return query
    return exp.select("*").from_(query.subquery("q")).limit(result_rows + 1)


def _depth(root: exp.Expr) -> int:
    """Levels of the tree, counted without recursion."""
    deepest, todo = 0, [(root, 1)]
    while todo:
        node, level = todo.pop()
        deepest = max(deepest, level)
        todo.extend((child, level + 1) for child in node.iter_expressions())
    return deepest


def _declined(message: str, *, rule: str) -> Declined:
    return Declined(message, reason="unsafe", rule=rule)


def _not_sql(error: Exception) -> InvalidInput:
    """sqlglot's place of the mistake in our words."""
    found = getattr(error, "errors", None) or [{}]
    line, column = found[0].get("line"), found[0].get("col")
    place = f" near line {line}, column {column}" if line else ""
    return InvalidInput(
        f"This is not SQL that can be read{place}.",
        code="invalid_sql",
        value=found[0].get("highlight"),
        hint="" if line else "Does every quote and every comment end?",
    )
