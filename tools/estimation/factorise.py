"""Labels as whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tools.estimation.tables import Ints

_REPEATED = 8  # rows a label from which looking each row up is cheaper than sorting all of them
_SPARSE = 4  # a table over the range of integers is worth its memory up to so many times the rows


@dataclass(frozen=True, eq=False)
class Codes:
    """(n,) codes 0..K-1 in the sort order of the labels, and the (K,) labels."""

    code: Ints
    labels: NDArray[Any]


def factorise(values: ArrayLike) -> Codes:
    """Codes of labels of any one kind. Integers in a narrow range take O(n); text is hashed, not sorted row by row."""
    array: NDArray[Any] = np.asarray(values)
    if array.dtype.kind in "OUS":
        return _factorise_text(array)
    if array.dtype.kind in "iu" and len(array):
        low, high = int(array.min()), int(array.max())
        if high - low < _SPARSE * len(array) + 1024:
            return _factorise_range(array, low, high)
        labels = np.unique(array)  # by hash; with return_inverse it would sort every row
        if len(labels) * _REPEATED <= len(array):
            return Codes(np.searchsorted(labels, array), labels)
    labels, code = np.unique(array, return_inverse=True)
    return Codes(code.ravel().astype(np.int64, copy=False), labels)


def _factorise_range(values: NDArray[Any], low: int, high: int) -> Codes:
    offset = values.astype(np.int64) - low if values.dtype.kind == "i" else (values - np.uint64(low)).astype(np.int64)
    seen = np.zeros(high - low + 1, dtype=bool)
    seen[offset] = True
    rank = np.cumsum(seen) - 1
    return Codes(rank[offset], np.flatnonzero(seen).astype(values.dtype) + values.dtype.type(low))


def _factorise_text(values: NDArray[Any]) -> Codes:
    labels = values.tolist()
    known = sorted(set(labels), key=lambda label: (str(type(label)), label))
    place = {label: i for i, label in enumerate(known)}
    code = np.fromiter((place[label] for label in labels), dtype=np.int64, count=len(labels))
    return Codes(code, np.array(known, dtype=object))
