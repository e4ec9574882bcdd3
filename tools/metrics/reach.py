"""Dimensions a dataset can be cut by: its own, and those many-to-one relationships lead to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.metrics.definitions import Dataset, Dimension, Relationship


@dataclass(frozen=True)
class DimensionRef:
    """A dimension as reached from a metric's dataset.

    Attributes:
        name: the key under which the query names it.
        dataset: the dataset that owns the column.
        path: relationships to follow from the metric's dataset, nearest first; empty for its own.
        measured: it is a measure: conditions may name it ("more than 3 replies"), breakdowns may not.
    """

    name: str
    dataset: str
    dimension: Dimension
    path: tuple[Relationship, ...] = ()
    measured: bool = False


def reach_dimensions(
    base: str, *, datasets: Mapping[str, Dataset], relationships: Sequence[Relationship]
) -> dict[str, DimensionRef]:
    """Every dimension reachable from `base` without multiplying its rows.

    The key is the dimension's name where the nearest owner is the only one, else `dataset.name`; where two
    relationships lead to the same dataset (sender and recipient), `relationship.name`. A dataset already reached by
    a shorter path is not reached again by a longer one.
    """
    own = datasets[base]
    found: dict[str, DimensionRef] = {d.name: DimensionRef(d.name, base, d) for d in own.dimensions}
    reached = {base}
    frontier: list[tuple[Relationship, ...]] = [()]
    while frontier:
        paths = [
            (*path, r)
            for path in frontier
            for r in relationships
            if r.from_ == (path[-1].to if path else base) and r.to in datasets and r.to not in reached
        ]
        _add_level(found, paths, datasets)
        ends = [p[-1].to for p in paths]
        reached.update(ends)
        frontier = [p for p in paths if ends.count(p[-1].to) == 1]
    for m in own.measures:
        found.setdefault(m.name, DimensionRef(m.name, base, Dimension(name=m.name, column=m.column), measured=True))
    return found


def _add_level(
    found: dict[str, DimensionRef], paths: list[tuple[Relationship, ...]], datasets: Mapping[str, Dataset]
) -> None:
    ends = [p[-1].to for p in paths]
    names = [d.name for p in paths for d in datasets[p[-1].to].dimensions]
    taken = set(found)
    for path in paths:
        owner = datasets[path[-1].to]
        twice = ends.count(owner.name) > 1
        for d in owner.dimensions:
            if twice:
                key = f"{path[-1].name}.{d.name}"
            elif d.name in taken or names.count(d.name) > 1:
                key = f"{owner.name}.{d.name}"
            else:
                key = d.name
            found.setdefault(key, DimensionRef(key, owner.name, d, path))


def shared_dimensions(reached: Sequence[dict[str, DimensionRef]]) -> dict[str, tuple[DimensionRef, ...]]:
    """Dimensions that mean the same on several datasets (conformed), keyed as on the first.

    The same when both lead to one column of one dataset, or when each dataset owns a dimension of that name.
    """
    first, others = reached[0], reached[1:]
    shared: dict[str, tuple[DimensionRef, ...]] = {}
    for key, ref in first.items():
        twins = [_twin(ref, other) for other in others]
        found = tuple(t for t in twins if t is not None)
        if len(found) == len(others):
            shared[key] = (ref, *found)
    return shared


def _twin(ref: DimensionRef, other: dict[str, DimensionRef]) -> DimensionRef | None:
    same = [o for o in other.values() if o.dataset == ref.dataset and o.dimension.name == ref.dimension.name]
    if len(same) == 1:
        return same[0]
    own = other.get(ref.dimension.name)
    if not same and not ref.path and own is not None and not own.path:
        return own
    return None
