"""Whom a row is about: columns that projections carry so that people in a cell can be counted without naming them."""

from __future__ import annotations

from dataclasses import dataclass

from tools.warehouse.contents import Contents
from tools.warehouse.one_table_view import BASE_ACTOR, BASE_ROW, ViewBase, view_base
from tools.warehouse.quoting import literal, quoted
from tools.warehouse.role_folder import RoleFolder
from tools.warehouse.visible import Tables

UNIT, ROW = "__protected_unit", "__protected_row"


@dataclass(frozen=True)
class Protected:
    """Whom the rows of a table are about: the actor in a column, or the row itself when there is none.

    Attributes:
        actor: the column.
        base: what a view shows rows of; answers from it are compared with those from its table.
        has_actor: of a view, whether its table has an actor, shown or not.
        unmatched: of a view, whether its rows cannot be matched with those of its tables.
    """

    actor: str | None = None
    base: ViewBase | None = None
    has_actor: bool = False
    unmatched: bool = False


def protected_tables(contents: Contents, visible: Tables, units: dict[str, Protected | None]) -> dict[str, Protected]:
    """Table -> whom its rows are about.

    Args:
        contents: of the warehouse.
        visible: the tables of the role.
        units: what the definitions say, by table in lower case; None is a table of values such as countries. A table
            that no definition names protects its rows.
    """
    found: dict[str, Protected] = {}
    actors = {table: _actor(contents, table, units) for table in contents.tables if table not in contents.views}
    for table in visible:
        said = units.get(table.lower(), Protected())
        if table in contents.views:
            base = view_base(contents.views[table], tables=actors)
            if base is not None:
                if units.get(base.table.lower(), Protected()) is not None:
                    found[table] = Protected(base.actor, base, has_actor=actors[base.table] is not None)
                continue
        if said is None:
            continue
        column = next((c for c in contents.tables[table] if said.actor and c.lower() == said.actor.lower()), None)
        found[table] = Protected(column, unmatched=table in contents.views)
    return found


def _actor(contents: Contents, table: str, units: dict[str, Protected | None]) -> str | None:
    """The column of a table's actor, as it is written in the table."""
    said = units.get(table.lower())
    return next((c for c in contents.tables[table] if said and said.actor and c.lower() == said.actor.lower()), None)


def unit_columns(
    contents: Contents, protected: dict[str, Protected], folder: RoleFolder
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Table -> (name, SQL expression) of its hidden columns: a pseudonym of the unit, and the row.

    The pseudonym is the same in every table, a salted hash: the actor's column may be one that the role must not see.
    """
    salt = literal(folder.salt())
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for table, whose in protected.items():
        if whose.base is not None:
            own = f"hash(concat({salt}, {BASE_ACTOR}::varchar))" if whose.has_actor else BASE_ROW
            found[table] = ((UNIT, own), (ROW, BASE_ROW))
            continue
        row = "row_number() over ()" if table in contents.views else "rowid"
        unit = row if whose.actor is None else f"hash(concat({salt}, {quoted(whose.actor)}::varchar))"
        found[table] = ((UNIT, unit), (ROW, row))
    return found
