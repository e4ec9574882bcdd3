"""PIVOT without a list of values: the values are read first and written into the statement.

DuckDB does the same with a temporary type, in several statements at once, of which it shows no parse tree. With the
list in it the statement is one SELECT, and is checked like any other. What runs is what was checked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tools.errors import Declined, InvalidInput

if TYPE_CHECKING:
    from sqlglot import exp

MOST_VALUES = 1_000
ReadValues = Callable[[str], list[tuple[Any, ...]]]


def expand_pivots(sql: str, read_values: ReadValues) -> str:
    """The statement with a list of values in each PIVOT that has none.

    Args:
        sql: a statement that DuckDB takes for several.
        read_values: checks and runs a SELECT of one column.

    Raises:
        Declined: rule construct when a part of it cannot be rewritten, rule limit_pivot when there are too many values.
    """
    import sqlglot  # start-up
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    head, tail = _split(sql)
    try:
        parsed = sqlglot.parse_one(head, read="duckdb")
        for pivot in list(parsed.find_all(exp.Pivot)):
            if not pivot.args.get("unpivot"):
                _write_values(pivot, read_values)
        text = parsed.sql(dialect="duckdb", comments=False)
    except (SqlglotError, RecursionError):
        raise _cannot_expand() from None
    return f"select * from ({text}) {tail}" if tail else text


def _write_values(pivot: exp.Pivot, read_values: ReadValues) -> None:
    from sqlglot import exp  # start-up

    if not isinstance(pivot.this, exp.Expr) or any(isinstance(on, exp.Tuple) for on in pivot.expressions):
        raise _cannot_expand()
    for on in list(pivot.expressions):
        if isinstance(on, exp.In):
            continue
        values = exp.select(on.copy().as_("v")).distinct().from_(pivot.this.copy())
        values = exp.select("v").from_(values.subquery("q")).where("v is not null").order_by("v").limit(MOST_VALUES + 1)
        _add_expressions(values, pivot)
        found = [row[0] for row in read_values(values.sql(dialect="duckdb"))]
        if len(found) > MOST_VALUES:
            raise Declined(
                f"PIVOT would make more than {MOST_VALUES:,} columns.",
                reason="too_expensive",
                rule="limit_pivot",
                hint="Name the values: PIVOT t ON c IN ('a', 'b') USING ...",
            )
        if not found:
            raise InvalidInput("There is no value to pivot on.", code="invalid_sql")
        tested = on.copy() if isinstance(on, exp.Column) else exp.Paren(this=on.copy())
        on.replace(exp.In(this=tested, expressions=[_literal(value) for value in found]))


def _add_expressions(query: exp.Select, pivot: exp.Pivot) -> None:
    """The common table expressions that the pivot's source can name: those of every WITH around it, outermost first."""
    from sqlglot import exp  # start-up

    node, inside = pivot.parent, pivot
    around: list[exp.CTE] = []
    while node is not None:
        with_ = node.args.get("with_")
        if isinstance(with_, exp.With):
            around = [cte for cte in with_.expressions if cte is not inside and not cte.find(exp.Pivot)] + around
        if isinstance(node, exp.CTE):
            inside = node  # type: ignore[assignment]
        node = node.parent
    own = pivot.args.get("with_")
    for cte in [*around, *(own.expressions if isinstance(own, exp.With) else [])]:
        query.with_(cte.args["alias"].copy(), as_=cte.this.copy(), copy=False)


def _literal(value: Any) -> exp.Expr:
    from sqlglot import exp  # start-up

    if isinstance(value, bool):
        return exp.Literal.string(str(value).lower())
    if isinstance(value, int | float):
        return exp.Literal.number(str(value)) if value >= 0 else exp.Literal.string(str(value))
    return exp.Literal.string(str(value))


def _split(sql: str) -> tuple[str, str]:
    """A PIVOT statement and the ORDER BY or LIMIT after it, which sqlglot does not expect there."""
    from sqlglot.dialects.duckdb import DuckDB  # start-up
    from sqlglot.errors import SqlglotError
    from sqlglot.tokenizer_core import TokenType

    try:
        tokens = DuckDB().tokenize(sql)
    except SqlglotError:
        raise _cannot_expand() from None
    if not tokens or not tokens[0].text.lower().startswith("pivot"):
        return sql, ""
    depth = 0
    for token in tokens:
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if depth == 0 and token.token_type in (TokenType.ORDER_BY, TokenType.LIMIT, TokenType.OFFSET):
            return sql[: token.start], sql[token.start :].rstrip().rstrip(";")
    return sql, ""


def _cannot_expand() -> Declined:
    return Declined(
        "This PIVOT needs a list of its values.",
        reason="unsafe",
        rule="construct",
        hint="Name the values: PIVOT t ON c IN ('a', 'b') USING ...",
    )
