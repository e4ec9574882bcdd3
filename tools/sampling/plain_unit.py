"""Units of a frame in memory, and drawn ones."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """One unit (or one on one day) of a frame in memory.

    Attributes:
        id: its key.
        size: NaN where it is missing; also stands for the spread that steers an allocation.
        cost: of the unit.
        stratum, cluster, day: see the designs.
        prior: the probability with which an earlier phase took it.
    """

    id: int | str
    size: float = math.nan
    cost: float = 1.0
    stratum: str | None = None
    cluster: int | str | None = None
    day: str | None = None
    prior: float = 1.0


@dataclass(frozen=True)
class DrawnUnit:
    """One drawn unit, as a row of `transect sample` shows it; `days` in unions of daily samples."""

    id: str
    pi: float
    weight: float
    stratum: str | None
    cluster: str | None
    certainty: bool
    days: int | None = None


@dataclass(frozen=True)
class Placed:
    """A unit (or cluster) with its random number (certainty: -1) and probability."""

    key: str
    u: float
    pi: float
    size: float = math.nan


def smallest(placed: list[Placed], n: int) -> list[Placed]:
    """The first n by random number, ties by key."""
    return sorted(placed, key=lambda p: (p.u, p.key))[:n]
