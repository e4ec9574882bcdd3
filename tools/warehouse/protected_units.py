"""Whom a row is about: a column that projections carry so that people in a cell can be counted without naming them."""

from __future__ import annotations

from tools.warehouse.contents import Contents
from tools.warehouse.quoting import literal, quoted
from tools.warehouse.role_folder import RoleFolder
from tools.warehouse.visible import Tables

UNIT = "__protected_unit"


def unit_columns(contents: Contents, visible: Tables, actors: dict[str, str], folder: RoleFolder) -> dict[str, str]:
    """Table -> the SQL expression of its unit: a pseudonym of the actor, the same in every table; else the row itself.

    The pseudonym is a salted hash: the actor's column may be one that the role must not see.
    """
    salt = literal(folder.salt())
    found: dict[str, str] = {}
    for table in visible:
        actor = next((c for c in contents.tables[table] if c.lower() == actors.get(table.lower(), "").lower()), None)
        if actor is not None:
            found[table] = f"hash(concat({salt}, {quoted(actor)}::varchar))"
        elif table in contents.views:
            found[table] = "row_number() over ()"
        else:
            found[table] = "rowid"
    return found
