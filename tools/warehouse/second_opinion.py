"""The tables of a statement as sqlglot reads it: a second parser that must not find one more than the first."""

from __future__ import annotations

import logging


def tables_by_sqlglot(sql: str) -> frozenset[tuple[str, ...]] | None:
    """Paths of the base tables, lower case; None when sqlglot cannot read the text or its scopes.

    DuckDB's grammar is larger than sqlglot's. What only DuckDB can read rests on DuckDB's own tree, which is of the
    very text that runs.
    """
    import sqlglot  # start-up
    from sqlglot import exp
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.scope import traverse_scope

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # its warnings hold parts of the text
    try:
        parsed = sqlglot.parse_one(sql, read="duckdb")
        found: set[tuple[str, ...]] = set()
        if not isinstance(parsed, exp.Query):
            return None
        unread = {cte.alias.lower() for cte in parsed.find_all(exp.CTE) if not isinstance(cte.this, exp.Query)}
        for scope in traverse_scope(parsed):
            for source in scope.sources.values():
                if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
                    found.add(tuple(part.name.lower() for part in source.parts))
        return frozenset(path for path in found if len(path) > 1 or path[0] not in unread)
    except (SqlglotError, RecursionError, AttributeError, KeyError, TypeError, ValueError):
        return None
