"""Whom a row is about: columns that projections carry so that people in a cell can be counted without naming them."""

from __future__ import annotations

from dataclasses import dataclass

from tools.warehouse.contents import Contents
from tools.warehouse.quoting import literal, quoted
from tools.warehouse.role_folder import RoleFolder
from tools.warehouse.visible import Tables

UNIT, ROW = "__protected_unit", "__protected_row"


@dataclass(frozen=True)
class Protected:
    """Whom the rows of a table are about: the actor in a column, or the row itself when there is none."""

    actor: str | None = None


def protected_tables(contents: Contents, visible: Tables, units: dict[str, Protected | None]) -> dict[str, Protected]:
    """Table -> whom its rows are about.

    Args:
        contents: of the warehouse.
        visible: the tables of the role.
        units: what the definitions say, by table in lower case; None is a table of values such as countries. A table
            that no definition names protects its rows.
    """
    found: dict[str, Protected] = {}
    for table in visible:
        said = units.get(table.lower(), Protected())
        if said is None:
            continue
        column = next((c for c in contents.tables[table] if said.actor and c.lower() == said.actor.lower()), None)
        found[table] = Protected(column)
    return found


def unit_columns(
    contents: Contents, protected: dict[str, Protected], folder: RoleFolder
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Table -> (name, SQL expression) of its hidden columns: a pseudonym of the unit, and the row.

    The pseudonym is the same in every table, a salted hash: the actor's column may be one that the role must not see.
    """
    salt = literal(folder.salt())
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for table, whose in protected.items():
        row = "row_number() over ()" if table in contents.views else "rowid"
        unit = row if whose.actor is None else f"hash(concat({salt}, {quoted(whose.actor)}::varchar))"
        found[table] = ((UNIT, unit), (ROW, row))
    return found
