"""How much two different labels still agree, by scale."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tools.estimation.tables import Floats

Scale = Literal["nominal", "ordinal", "interval", "ratio"]
Weights = Literal["nominal", "linear", "ordinal", "interval", "ratio"]


def weigh_labels(values: Floats, kind: Weights) -> Floats:
    """(K, K) weights from 1 (the same) to 0 (as far apart as can be), of the labels' values in increasing order.

    nominal: the identity. linear: 1 - |c-k|/range. interval: 1 - (c-k)²/range² (quadratic). ratio: 1 - ((c-k)/(c+k))²
    over its largest value. ordinal, by places i and j in the order: 1 - C(|i-j|+1, 2)/C(K, 2). Gwet 2014, Handbook of
    Inter-Rater Reliability, section 3.5.
    """
    if kind == "nominal" or len(values) < 2:
        return np.eye(len(values))
    if kind == "ordinal":
        place = np.arange(len(values), dtype=np.float64)
        apart = np.abs(place[:, None] - place)
        distance = apart * (apart + 1) / 2
    else:
        values = values / np.abs(values).max()  # 1e200 squared does not fit; weights have no unit
        distance = np.abs(values[:, None] - values)
        if kind == "ratio":
            both = values[:, None] + values
            distance = distance / np.where(both == 0, 1.0, both)
        if kind != "linear":
            distance = distance**2
    return np.asarray(1 - distance / distance.max())
