"""One pure decision about what an asker, and everyone who will read the answer, may use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tools.access.asker import Asker
from tools.access.policy import Policy, Role
from tools.errors import Declined


@dataclass(frozen=True)
class Usage:
    """What a query touches.

    Attributes:
        tables: names of tables and views.
        columns: `table.column`; `table.*` means every column of the table.
        functions: macros of the warehouse.
    """

    tables: frozenset[str] = field(default_factory=frozenset)
    columns: frozenset[str] = field(default_factory=frozenset)
    functions: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Allowed:
    """The usage is permitted; cells below `min_cell` stay hidden; `functions` are the macros that may be called."""

    min_cell: int
    functions: frozenset[str]


def decide(asker: Asker, usage: Usage, policy: Policy) -> Allowed | Declined:
    """Whether `usage` is permitted for the asker and for every reader.

    The asker may use what any one of their roles allows. Every audience role must allow the whole usage as well.
    `min_cell` is the least among the asker's roles, raised to the greatest among the audience's. Names compare
    without regard to case, as the warehouse does. Returns, never raises.
    """
    if not asker.roles:
        return _not_permitted("You hold no role in this workspace.", hint="Name a role of [access.roles].")
    for name in (*asker.roles, *asker.audience_roles):
        if name not in policy.roles:
            return _not_permitted(f"There is no role {name!r} in this workspace.", value=name)
    groups = [asker.roles, *((name,) for name in asker.audience_roles)]
    for names in groups:
        held = [policy.roles[name] for name in names]
        who = " or ".join(repr(name) for name in names)
        if declined := _missing(usage, held, who):
            return declined
    own = [policy.roles[name] for name in asker.roles]
    readers = [policy.roles[name] for name in asker.audience_roles]
    functions = frozenset(f.lower() for role in own for f in role.functions)
    for role in readers:
        functions &= frozenset(f.lower() for f in role.functions)
    min_cell = max([min(role.min_cell for role in own), *(role.min_cell for role in readers)])
    return Allowed(min_cell=min_cell, functions=functions)


def _missing(usage: Usage, held: list[Role], who: str) -> Declined | None:
    """The first thing in `usage` that none of the roles `held` allows, or None."""
    for table in sorted(t.lower() for t in usage.tables):
        if not any(table in _lower(role.tables) for role in held):
            return _not_permitted(f"This needs the table {table!r}, which role {who} may not use.", value=table)
    for column in sorted(c.lower() for c in usage.columns):
        if not any(_may_use(role, column) for role in held):
            return _not_permitted(f"This needs the column {column!r}, which role {who} may not use.", value=column)
    for function in sorted(f.lower() for f in usage.functions):
        if not any(function in _lower(role.functions) for role in held):
            return _not_permitted(
                f"This needs the function {function!r}, which role {who} may not use.", value=function
            )
    return None


def _may_use(role: Role, column: str) -> bool:
    """Whether the role sees the table of `table.column` and is not denied the column; `table.*` is all its columns."""
    denied = _lower(role.deny_columns)
    for table in _lower(role.tables):
        if column.startswith(f"{table}."):
            hit = any(d.startswith(f"{table}.") for d in denied) if column == f"{table}.*" else column in denied
            if not hit and f"{table}.*" not in denied:
                return True
    return False


def _lower(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names}


def _not_permitted(message: str, *, value: str | None = None, hint: str = "") -> Declined:
    return Declined(message, reason="not_permitted", value=value, hint=hint)
