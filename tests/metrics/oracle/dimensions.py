"""A dimension by the name a query gives it: through which relationships it is reached, and its values row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.metrics.oracle.cell import NoData
from tests.metrics.oracle.rows import Column, Flags, Rows, in_range, plain
from tools.metrics import Catalog, Where
from tools.metrics.definitions import Dataset, Dimension, Relationship

Path = tuple[Relationship, ...]


@dataclass(frozen=True)
class Found:
    """A dimension (or a measure, for conditions) as seen from a dataset."""

    path: Path
    owner: Dataset
    dimension: Dimension


def find(base: Dataset, key: str, catalog: Catalog) -> Found:
    """The dimension of that key: the dataset's own, else the nearest by many-to-one relationships."""
    for dimension in base.dimensions:
        if dimension.name == key:
            return Found((), base, dimension)
    for measure in base.measures:
        if measure.name == key:
            return Found((), base, Dimension(name=measure.name, column=measure.column))
    prefix, _, name = key.rpartition(".")
    for path in paths_from(base, catalog):
        owner = catalog.datasets[path[-1].to] if path else base
        if prefix in ("", owner.name) or (path and prefix == path[-1].name):
            for dimension in owner.dimensions:
                if dimension.name == name:
                    return Found(path, owner, dimension)
    raise LookupError(f"{base.name} has no {key}")


def paths_from(base: Dataset, catalog: Catalog) -> list[Path]:
    """The ways to every dataset that a dataset's rows belong to, nearest first; no dataset is reached again later."""
    found: list[Path] = [()]
    level: list[Path] = [()]
    reached = {base.name}
    while level:
        level = [
            (*path, link)
            for path in level
            for link in catalog.relationships
            if link.from_ == (path[-1].to if path else base.name) and link.to not in reached
        ]
        reached |= {path[-1].to for path in level}
        found += level
    return found


def twin(wanted: Found, other: Dataset, catalog: Catalog) -> Found:
    """The same dimension as another dataset sees it: one column of one dataset, else its own of that name."""
    for path in paths_from(other, catalog):
        if (path[-1].to if path else other.name) == wanted.owner.name:
            return Found(path, wanted.owner, wanted.dimension)
    own = next(d for d in other.dimensions if d.name == wanted.dimension.name)
    return Found((), other, own)


def values_of(found: Found, base: Dataset, rows: Rows) -> Column:
    """Its value in every row of the base dataset; None where there is no match."""
    column = rows.column(found.owner, found.dimension.column)
    at = None
    for link in found.path:
        step = rows.match(link)
        at = step if at is None else np.where(at < 0, -1, step[at])
    if at is None:
        return column
    values = [*column.values, None]
    return Column(np.where(at < 0, len(values) - 1, column.codes[at]), values)


def satisfy(where: Where, column: Column, dimension: Dimension) -> Flags:
    """Rows that a query's condition keeps."""
    if where.is_null is not None:
        return column.mark(lambda v: (v is None) == where.is_null)
    if where.in_ is not None:
        wanted = {_stored(w, column, dimension) for w in where.in_}
        return column.mark(lambda v: v is not None and plain(v) in wanted)
    if where.not_in is not None:
        excluded = {_stored(w, column, dimension) for w in where.not_in}
        return column.mark(lambda v: v is None or plain(v) not in excluded)
    return column.mark(lambda v: v is not None and in_range(where, v))


def _stored(written: Any, column: Column, dimension: Dimension) -> str:
    """A written value; a word that the definition gives to one value stands for that value."""
    if plain(written) in {plain(v) for v in column.values if v is not None}:
        return plain(written)
    said = plain(written).casefold()
    words = dimension.values if isinstance(dimension.values, dict) else {}
    owners = [plain(v) for v, each in words.items() if said in {w.casefold() for w in each}]
    if len(owners) != 1:
        raise NoData(written)
    return owners[0]
