"""Designs whose variance looks at sampled units one by one: two stages, unequal probabilities, calibrated weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tools.estimation.calibration import Calibration
from tools.estimation.replicates import Replicates
from tools.estimation.tables import Design, Floats, Ints

UnequalMethod = Literal["brewer", "hartley-rao", "overton", "yates-grundy", "ht", "poisson"]


@dataclass(frozen=True, kw_only=True, eq=False)
class SecondStage:
    """What was drawn within first-stage units.

    Attributes:
        unit: (n,) second-stage unit of each row, 0..U-1. cluster: (U,) first-stage unit of each of these.
        drawn: (M,) second-stage units drawn in each first-stage unit.
        fraction: (M,) share of its second-stage units that these are; 0 where drawn with replacement.
    """

    unit: Ints
    cluster: Ints
    drawn: Ints
    fraction: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Unequal:
    """First-stage units drawn without replacement with unequal probabilities.

    Attributes:
        probability: (M,) inclusion probability of each. method: the variance estimator.
        joint: (M, M) joint inclusion probabilities, for `yates-grundy` and `ht`.
    """

    probability: Floats
    method: UnequalMethod
    joint: Floats | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class UnitDesign:
    """The sample as drawn, row by row. A domain's table then has one line a row, with the row's number as `cluster`.

    Attributes:
        first: strata and first-stage units.
        weight: (n,) weight of each row, after calibration.
        cluster: (n,) first-stage unit of each row, 0..M-1 (the row itself where rows were drawn).
        stratum: (M,) place in `first.stratum` of each first-stage unit.
        second: what was drawn within these. unequal: how they were drawn, when not with equal probability.
        calibration: how weights were fitted to known totals. replicates: variance from replicates instead.
    """

    first: Design
    weight: Floats
    cluster: Ints
    stratum: Ints
    second: SecondStage | None = None
    unequal: Unequal | None = None
    calibration: Calibration | None = None
    replicates: Replicates | None = None

    @property
    def rows(self) -> int:
        """Rows of the whole sample."""
        return len(self.cluster)


AnyDesign = Design | UnitDesign
