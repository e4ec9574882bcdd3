"""Sizes of units in memory: checked, raised to the floor, the missing ones imputed."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tools.errors import InvalidInput
from tools.sampling.designs import Design
from tools.sampling.impute_sizes import mean_size
from tools.sampling.inclusion_probabilities import unit_of
from tools.sampling.plain_unit import Unit


def plain_sizes(frame: Mapping[str, Unit], design: Design) -> dict[str, float]:
    """Key -> the size that is used.

    Raises:
        InvalidInput: a size that is not above 0 (with a floor: negative), infinite, or none that is known.
    """
    floor, steps = getattr(design, "floor", None), getattr(design, "steps", None)
    known = {}
    for key, unit in frame.items():
        if math.isnan(unit.size):
            continue
        if steps is not None and math.isfinite(unit.size):
            known[key] = steps.size(unit.size)
            continue
        if not 0 <= unit.size < math.inf or (unit.size == 0 and floor is None):
            raise InvalidInput(
                f"The size of {key!r} is {unit.size}; it must be above 0.",
                code="invalid_size",
                value=str(unit.size),
                where=f"id {key}",
            )
        known[key] = max(unit.size, floor or 0.0)
    if len(known) == len(frame):
        return known
    unit_ = unit_of(max(known.values(), default=1.0))
    whole = sum(math.floor(size * unit_) for size in known.values())
    mean = mean_size(whole, unit=unit_, known=len(known), column="size")
    return {key: known.get(key, mean) for key in frame}
