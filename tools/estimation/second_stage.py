"""What subsampling within clusters adds to the variance."""

from __future__ import annotations

import numpy as np

from tools.estimation.lonely import Added, add_parts
from tools.estimation.sum_by import sum_by
from tools.estimation.tables import Floats, Ints, Lonely
from tools.estimation.unit_design import SecondStage


def second_stage_variance(
    z: Floats, *, second: SecondStage, first_fraction: Floats, touched: Ints, rule: Lonely
) -> Added:
    """Σ_c f_c (1 - f_2c) k_c/(k_c - 1) Σ_j (z_cj - z̄_c)² over first-stage units c with k_c second-stage units j.

    Särndal, Swensson and Wretman 1992, eq. 4.3.21, with weighted second-stage totals; R survey's recursion. A cluster
    whose second stage is complete (f_2 = 1) adds nothing, and so does a first stage drawn with replacement (f = 0).

    Args:
        z: (U,) influence of each second-stage unit. first_fraction: (M,) f_c. touched: first-stage units with any
            influence.
    """
    size = len(second.drawn)
    k = np.maximum(second.drawn, 2)
    total = sum_by(second.cluster, z, size)
    mean = total / second.drawn
    squares = sum_by(second.cluster, (z - mean[second.cluster]) ** 2, size)
    rest = first_fraction * (1.0 - second.fraction)
    return add_parts(
        rest * k / (k - 1) * squares,
        lonely=(second.drawn == 1) & (rest > 0),
        adjusted=rest * (total - z.mean()) ** 2,
        touched=np.isin(np.arange(size), touched),
        rule=rule,
        what="clusters hold one unit of a second stage that is not complete",
    )
