"""Whom the rows of each table are about, as the definitions say."""

from __future__ import annotations

from tools.metrics.catalog import Catalog
from tools.warehouse.protected_units import Protected


def protected_units(catalog: Catalog) -> dict[str, Protected | None]:
    """Table in lower case -> its protected unit; None for a table of values, such as countries.

    A dataset with an actor is about that actor, and so is the table that the actor's column leads to. A dataset without
    one that others reach by columns that are no actor is a table of values: give it an `actor` if its rows are people.
    Everything else is about its own rows.
    """
    found: dict[str, Protected | None] = {}
    reached: set[str] = set()
    for dataset in catalog.datasets.values():
        if dataset.actor is not None:
            found.setdefault(dataset.source.lower(), Protected(dataset.actor))
    for relationship in catalog.relationships:
        source, target = catalog.datasets[relationship.from_], catalog.datasets[relationship.to]
        if target.source.lower() in found:
            continue
        if source.actor in relationship.from_columns:
            found[target.source.lower()] = Protected(
                relationship.to_columns[relationship.from_columns.index(source.actor)]
            )
        elif source.actor is not None:
            reached.add(target.source.lower())
    for table in reached - set(found):
        found[table] = None
    return found
