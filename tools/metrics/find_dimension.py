"""A dimension by the name that a query gives it."""

from __future__ import annotations

from collections.abc import Mapping

from tools.metrics.reach import DimensionRef

References = tuple[DimensionRef, ...]


def find_dimension(name: str, known: Mapping[str, References]) -> References | None:
    """The references that `name` stands for: its own name, or `dataset.name` where that is one; None when it is none.

    What a query reads and what it may read are both decided by this, so that no spelling passes unchecked.
    """
    if name in known:
        return known[name]
    qualified = [refs for refs in known.values() if f"{refs[0].dataset}.{refs[0].dimension.name}" == name]
    return qualified[0] if len(qualified) == 1 else None
