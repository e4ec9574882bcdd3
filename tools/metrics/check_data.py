"""Definitions checked against the warehouse: tables, columns, types, and whether keys are what they are said to be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.access import Asker
from tools.errors import Fault
from tools.metrics.catalog import Catalog
from tools.metrics.check_columns import check_columns
from tools.metrics.definitions import Dataset
from tools.metrics.profile_data import leads_to_one
from tools.metrics.sql import quote, quote_table

if TYPE_CHECKING:
    from tools.warehouse import Warehouse

_CHECKER = Asker(person="transect", roles=(), surface="cli")
Keys = tuple[str | int, ...]


def check_catalog(catalog: Catalog, warehouse: Warehouse) -> list[Fault]:
    """Every fault against the data, each with file and line; empty when all is well.

    Tables, columns and types first; only when those fit, whether each grain names one row, and whether each
    relationship leads to one row at most.
    """
    faults = check_columns(catalog, warehouse.tables())
    if faults:
        return faults
    for path, file in catalog.files:
        found: list[tuple[Keys, str, str]] = []
        for i, dataset in enumerate(file.datasets):
            found += [(("datasets", i, "grain"), m, h) for m, h in _check_grain(dataset, warehouse)]
        for i, r in enumerate(file.relationships):
            if not leads_to_one(r, catalog.datasets[r.to], warehouse):
                joined = " + ".join(r.to_columns)
                message = f"relationship {r.name!r}: several rows of {r.to!r} have the same {joined}"
                hint = "cuts along it are declined, because rows would count more than once"
                found.append((("relationships", i, "to_columns"), message, hint))
        faults += [Fault(catalog.locate(path, keys), message, hint) for keys, message, hint in found]
    return faults


def _check_grain(dataset: Dataset, warehouse: Warehouse) -> Iterator[tuple[str, str]]:
    if not dataset.grain:
        return
    keys = ", ".join(quote(c) for c in dataset.grain)
    missing = " or ".join(f"{quote(c)} is null" for c in dataset.grain)
    sql = (
        f"select coalesce(sum(n_rows) filter (n_rows > 1), 0), coalesce(sum(n_rows) filter (n_missing > 0), 0)\n"
        f"from (\n  select count(*) as n_rows, count(*) filter ({missing}) as n_missing\n"
        f"  from {quote_table(dataset.source)}\n  group by {keys}\n) as per_key"
    )
    repeated, empty = warehouse.run_compiled(sql, asker=_CHECKER).rows[0]
    name = " + ".join(dataset.grain)
    if repeated:
        yield f"dataset {dataset.name!r}: {int(repeated):,} rows share their {name} with another", "name the true grain"
    elif empty:
        yield f"dataset {dataset.name!r}: {int(empty):,} rows have no {name}", "name columns that are never NULL"
