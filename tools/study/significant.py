"""A number as files of a study hold it: without the digits in which two machines' libraries differ."""

from __future__ import annotations

import math


def significant(value: float, digits: int = 12) -> float:
    """The value rounded to so many significant digits."""
    if value == 0 or not math.isfinite(value):
        return value
    return float(f"{value:.{digits}g}")
