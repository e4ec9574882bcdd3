"""What SQL text counts: everything in the tables it names, or less."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.metrics.typed_numbers import holds_typed_number

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True)
class SqlReach:
    """How the number of a statement is known.

    Attributes:
        why_not: why it is not a count of everything in its tables; empty when it is.
        is_count: the number is a count of rows.
        tables: base tables it names.
    """

    why_not: str
    is_count: bool
    tables: tuple[str, ...]


def read_reach(sql: str, *, samples: Set[str] = frozenset()) -> SqlReach:
    """Read the text as DuckDB does.

    Args:
        sql: one SELECT that has already passed the guard.
        samples: tables that hold a sample, lower case.
    """
    import sqlglot  # start-up
    from sqlglot import exp

    query = sqlglot.parse_one(sql, read="duckdb")
    names = {e.alias.lower() for e in query.find_all(exp.CTE)}
    tables = sorted({t.name for t in query.find_all(exp.Table) if t.name and t.name.lower() not in names})
    number = query.selects[-1] if isinstance(query, exp.Query) and query.selects else None
    is_count = number is not None and isinstance(number.unalias(), exp.Count)
    return SqlReach(_why_not(query, {t.lower() for t in tables} & set(samples)), is_count, tuple(tables))


def _why_not(query: exp.Expr, sampled: set[str]) -> str:
    from sqlglot import exp  # start-up

    if sampled:
        return f"{', '.join(sorted(sampled))} is a sample, and SQL text does not weigh its rows"
    if not isinstance(query, exp.Select):
        return "it joins several queries"
    if any(True for _ in query.find_all(exp.TableSample, exp.Rand)):
        return "it reads rows by chance"
    if holds_typed_number(query):
        return "a number was typed into it"
    if not any(_is_aggregate(column) for column in query.selects[-1:]):
        return "it lists rows and counts none"
    if any(True for _ in query.selects[-1].find_all(exp.AnyValue, exp.First, exp.Last, exp.ArgMax, exp.ArgMin)):
        return "it takes the value of one row"
    limits = [node for node in query.find_all(exp.Limit, exp.Offset, exp.Fetch) if node.parent is not query]
    return "it reads a part of the rows" if limits else ""


def _is_aggregate(column: exp.Expr) -> bool:
    """Whether the value is an aggregate of this query's own rows, not of a subquery's and not over a window."""
    from sqlglot import exp  # start-up

    todo, found = [column], False
    while todo:
        node = todo.pop()
        if isinstance(node, exp.Subquery | exp.Window):
            continue
        found = found or isinstance(node, exp.AggFunc)
        todo.extend(node.iter_expressions())
    return found
