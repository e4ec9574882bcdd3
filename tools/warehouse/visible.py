"""What one asker, and everyone who reads the answer, may see of a warehouse."""

from __future__ import annotations

from tools.access import Allowed, Asker, Policy, Usage, decide

Tables = dict[str, tuple[str, ...]]


def visible_tables(tables: dict[str, dict[str, str]], *, asker: Asker, policy: Policy) -> Tables:
    """Tables with at least one visible column, and those columns in their order, as `access.decide` says."""
    shown: Tables = {}
    for table, columns in tables.items():
        if isinstance(decide(asker, Usage(tables=frozenset({table})), policy), Allowed):
            kept = tuple(column for column in columns if _may_use(table, column, asker, policy))
            if kept:
                shown[table] = kept
    return shown


def _may_use(table: str, column: str, asker: Asker, policy: Policy) -> bool:
    usage = Usage(tables=frozenset({table}), columns=frozenset({f"{table}.{column}"}))
    return isinstance(decide(asker, usage, policy), Allowed)
