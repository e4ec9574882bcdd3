"""Labels as whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tools.estimation.factorise import factorise


@pytest.mark.parametrize(
    "labels",
    [
        [3, 1, 3, 7, -2],
        [10**15, 5, 10**15, -(10**15)],
        ["b", "a", "b", "", "ä"],
        [2.5, 1.5, 2.5],
        [True, False, True],
        np.array([200, 3, 200], dtype=np.uint8),
        np.array([2**64 - 1, 0, 2**64 - 1], dtype=np.uint64),
        np.array([2**64 - 1, 2**64 - 2], dtype=np.uint64),
        np.array([2**64 - 1, 17, 2**63] * 30, dtype=np.uint64),  # few labels far apart
        np.array([-(2**62), 5, 2**61] * 30),
        [],
    ],
)
def test_codes_follow_the_sort_order(labels: Any) -> None:
    found = factorise(labels)
    array = np.asarray(labels)
    assert found.labels[found.code].tolist() == array.tolist()
    assert found.labels.tolist() == sorted(set(array.tolist()))
    assert found.code.dtype == np.int64
