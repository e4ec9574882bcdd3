"""Sums of values by integer code."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.estimation.tables import Floats, Ints


def sum_by(code: NDArray[Any], values: NDArray[Any], size: int) -> Floats:
    """(size,) float sums of `values` over rows with each code 0..size-1; int64 counts beyond 2^53 would round."""
    return np.bincount(code.ravel(), values, size).astype(np.float64, copy=False)


def count_by(code: NDArray[Any], counts: NDArray[Any], size: int) -> Ints:
    """The same for whole numbers."""
    return np.rint(sum_by(code, counts, size)).astype(np.int64)
