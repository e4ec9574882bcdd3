"""Shares from a sample in which units led to one another (respondent-driven), by RDS-II."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tools.errors import Declined, InvalidInput
from tools.estimation.intervals import wald
from tools.estimation.tables import Floats, Ints

MODEL = (
    "Model-based: units are taken as a random walk with replacement over one connected network of links that go both"
    " ways, far from its seeds, with degrees reported without error. No design makes these probabilities true."
)


@dataclass(frozen=True)
class RdsEstimate:
    """A mean or share under the model; `notes` begins with what the model is.

    Attributes:
        value, se, low, high, level: as in `Estimate`. n: units with a degree. n_eff: s²/se².
        chains: trees of referral. seeds: units that nobody led to. basis: always `model`.
    """

    value: float
    se: float
    low: float
    high: float
    level: float
    n: int
    n_eff: float
    chains: int
    seeds: int
    basis: str
    notes: tuple[str, ...]


def estimate_rds(
    y: ArrayLike,
    degree: ArrayLike,
    *,
    unit: ArrayLike,
    led_by: ArrayLike,
    level: float = 0.95,
    without_seeds: bool = False,
) -> RdsEstimate:
    """Σ y/d / Σ 1/d: the chance of being reached is taken as proportional to the degree d. Volz and Heckathorn 2008.

    Variance: trees of referral as clusters when there are at least 10; else v(1 + r)/(1 - r), v that of independent
    units and r the correlation of a unit's weighted residual with that of who led to it, as in a chain in which
    likeness fades by r with each step. Branching trees are more alike than that; Goel and Salganik 2010 show how far
    such variances fall short.

    Args:
        y: (n,) outcomes. degree: (n,) links of each unit, above 0. unit: (n,) ids; led_by: (n,) the id of who led to
            the unit, empty or None for a seed.

    Raises:
        InvalidInput: a degree not above 0, an id that is not in the sample or twice, a circle of referrals.
        Declined: `underpowered`, fewer than two units.
    """
    value_of, links = np.asarray(y, dtype=np.float64), np.asarray(degree, dtype=np.float64)
    if value_of.shape != links.shape or not np.all(np.isfinite(value_of)):
        raise InvalidInput("y and degree have one number a unit")
    if not np.all(links > 0) or not np.all(np.isfinite(links)):
        raise InvalidInput("A degree is above 0: a unit without links cannot be reached.", code="usage")
    parent = _parents(list(np.asarray(unit).tolist()), list(np.asarray(led_by).tolist()))
    tree = _trees(parent)
    seeds = int((parent < 0).sum())
    kept = parent >= 0 if without_seeds else np.ones(len(parent), dtype=bool)
    if kept.sum() < 2:
        raise Declined("A chain of fewer than two units carries no estimate.", reason="underpowered", rule="few_units")
    weight = np.where(kept, 1 / links, 0.0)
    estimate = float((weight * value_of).sum() / weight.sum())
    z = weight * (value_of - estimate) / weight.sum()
    variance, df, note = _variance(z, parent, tree, kept)
    se = float(np.sqrt(variance))
    limits = wald(estimate, se, df=df, level=level)
    spread = float((weight * (value_of - estimate) ** 2).sum() / weight.sum())
    return RdsEstimate(
        value=estimate,
        se=se,
        low=limits.low,
        high=limits.high,
        level=level,
        n=int(kept.sum()),
        n_eff=spread / variance if variance > 0 else float(kept.sum()),
        chains=len(np.unique(tree)),
        seeds=seeds,
        basis="model",
        notes=(MODEL, note),
    )


_ENOUGH_TREES = 10


def _variance(z: Floats, parent: Ints, tree: Ints, kept: np.ndarray) -> tuple[float, float, str]:
    trees = len(np.unique(tree))
    if trees >= _ENOUGH_TREES:
        sums = np.bincount(tree, weights=z)
        sums = sums[np.unique(tree)]
        variance = trees / (trees - 1) * float(((sums - sums.mean()) ** 2).sum())
        return variance, trees - 1.0, "The variance takes each tree of referrals as one cluster."
    n = int(kept.sum())
    plain = n / (n - 1) * float((z**2).sum())
    led = (parent >= 0) & kept
    both = led & kept[np.maximum(parent, 0)]
    own, before = z[both], z[parent[both]]
    scale = float(np.sqrt((own**2).sum() * (before**2).sum()))
    r = min(max(float((own * before).sum()) / scale if scale > 0 else 0.0, 0.0), 0.99)
    said = f"The variance allows for a correlation of {r:.2f} between a unit and who led to it, fading along the chain."
    return plain * (1 + r) / (1 - r), max(n - 1.0, 1.0), said


def _parents(ids: list[object], led_by: list[object]) -> Ints:
    place = {name: i for i, name in enumerate(ids)}
    if len(place) < len(ids):
        raise InvalidInput("A unit is in the sample twice.", code="usage")
    if len(led_by) != len(ids):
        raise InvalidInput("led_by has one value a unit")
    found = np.full(len(ids), -1, dtype=np.int64)
    for i, name in enumerate(led_by):
        if name is None or name == "" or name != name:
            continue
        if name not in place:
            raise InvalidInput("A unit was led to by one that is not in the sample.", code="usage", value=str(name))
        found[i] = place[name]
    return found


def _trees(parent: Ints) -> Ints:
    """The seed of each unit."""
    root = np.where(parent < 0, np.arange(len(parent)), parent)
    for _ in range(len(parent).bit_length() + 1):
        root = root[root]
    if np.any(parent[root] >= 0):
        raise InvalidInput("Referrals go in a circle.", code="usage")
    return root
