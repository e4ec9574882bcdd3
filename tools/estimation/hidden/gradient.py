"""The derivative of a size with respect to each count."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tools.estimation.tables import Floats


def gradient_of(function: Callable[[Floats], float], counts: Floats, *, step: float = 1e-4) -> Floats:
    """Central differences with steps of 1e-4 of a count, at least 1e-4."""
    found = np.empty(len(counts))
    for place, count in enumerate(counts):
        width = step * max(float(count), 1.0)
        above, below = counts.copy(), counts.copy()
        above[place] += width
        below[place] -= width
        found[place] = (function(above) - function(below)) / (2 * width)
    return found
