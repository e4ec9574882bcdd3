"""How many units each of two periods needs, so that a change of a given size is seen."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from tools.errors import InvalidInput
from tools.sampling.check_number import check_count, check_number, check_share
from tools.sampling.expected_limits import count_distribution
from tools.sampling.sample_size import FEW, deflate, inflate, normal_quantile, smallest

LARGE = 2_000  # expected positives beyond which the difference is as good as normal
_REACH = 7.0


@dataclass(frozen=True)
class ChangeSize:
    """A size per period, and what it can see if the assumptions hold.

    Attributes:
        n: units to label in each period, those in both counted in each.
        before, after: the shares.
        power: chance that the interval of the difference excludes 0, on the right side.
        level, design_effect, population, overlap, correlation: the assumptions.
        expected_positives_before, expected_positives_after: mean numbers of positives.
        normal_n: the usual formula, pooled under the null hypothesis (not rounded).
        notes: what to know before this size is relied on.
    """

    n: int
    before: float
    after: float
    power: float
    level: float
    design_effect: float
    population: int | None
    overlap: float
    correlation: float
    expected_positives_before: float
    expected_positives_after: float
    normal_n: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class DetectableChange:
    """Shares that are far enough from the one before; None where even none, or all, would not be seen."""

    below: float | None
    above: float | None


def size_for_change(
    *,
    before: float,
    after: float | None = None,
    relative_change: float | None = None,
    power: float = 0.8,
    level: float = 0.95,
    design_effect: float = 1.0,
    population: int | None = None,
    overlap: float = 0.0,
    correlation: float = 0.0,
) -> ChangeSize:
    """The smallest n per period with which a change of a share is seen with the given power.

    Seen means that the interval which will be reported, the difference of Clopper-Pearson limits (Zou and Donner
    2008), excludes 0. Its power is summed over both counts; beyond 2,000 expected positives it is the normal one.

    Args:
        before: the share in the first period.
        after: that in the second; or
        relative_change: over `before`, such as -0.2 for a fifth less.
        power: chance of seeing it, above 0.5.
        level: of the interval.
        design_effect: as in `size_for_interval`.
        population: N of each period, for changes of the very units that were there.
        overlap: share of the units that are in both periods' samples, as in a rotating panel.
        correlation: of one unit's outcomes in both periods; with the overlap it takes
            2·overlap·correlation·s1·s2/(s1² + s2²) off the variance of the difference.

    Raises:
        InvalidInput: no change, or a number out of its range.
    """
    p1, p2 = _shares(before, after, relative_change)
    check_number("The power", power, above=0.5, below=1)
    gain = _gain(p1, p2, overlap=overlap, correlation=correlation)
    independent = smallest(
        lambda m: difference_power(p1, p2, m, level=level) >= power, start=pooled_size(p1, p2, power=power, level=level)
    )
    n = math.ceil(inflate(independent * gain, design_effect=design_effect, population=population) - 1e-9)
    return change_for_size(
        max(n, 1),
        before=p1,
        after=p2,
        power=power,
        level=level,
        design_effect=design_effect,
        population=population,
        overlap=overlap,
        correlation=correlation,
    )


def change_for_size(
    n: int,
    *,
    before: float,
    after: float,
    power: float = 0.8,
    level: float = 0.95,
    design_effect: float = 1.0,
    population: int | None = None,
    overlap: float = 0.0,
    correlation: float = 0.0,
) -> ChangeSize:
    """The power that n units per period have; `power` is the one that `normal_n` speaks of."""
    check_count("n", n)
    check_share("The level", level)
    check_number("The design effect", design_effect, above=0)
    p1, p2 = _shares(before, after, None)
    gain = _gain(p1, p2, overlap=overlap, correlation=correlation)
    effective = deflate(n, design_effect=design_effect, population=population) / gain
    pooled = pooled_size(p1, p2, power=power, level=level) * gain
    whole = math.isinf(effective)
    return ChangeSize(
        n=n,
        before=p1,
        after=p2,
        power=1.0 if whole else difference_power(p1, p2, max(effective, 1.0), level=level),
        level=level,
        design_effect=design_effect,
        population=population,
        overlap=overlap,
        correlation=correlation,
        expected_positives_before=n * p1,
        expected_positives_after=n * p2,
        normal_n=inflate(pooled, design_effect=design_effect, population=population),
        notes=tuple(_notes(n * min(p1, p2), design_effect=design_effect, gain=gain)),
    )


def detectable_change(
    n: int,
    *,
    before: float,
    power: float = 0.8,
    level: float = 0.95,
    design_effect: float = 1.0,
    population: int | None = None,
    overlap: float = 0.0,
    correlation: float = 0.0,
) -> DetectableChange:
    """The nearest shares below and above `before` that n units per period see with the given power."""
    check_share("The share before", before)

    def seen(after: float) -> bool:
        found = change_for_size(
            n,
            before=before,
            after=after,
            power=power,
            level=level,
            design_effect=design_effect,
            population=population,
            overlap=overlap,
            correlation=correlation,
        )
        return found.power >= power

    return DetectableChange(_nearest(before, before * 1e-6, seen), _nearest(before, 1 - (1 - before) * 1e-6, seen))


def difference_power(p1: float, p2: float, n: float, *, level: float) -> float:
    """P(the interval of the difference excludes 0 on the right side), two independent samples of n each."""
    import numpy as np
    from scipy.special import betaincinv, ndtr  # type: ignore[import-untyped]  # start-up

    if min(p1, p2, 1 - p1, 1 - p2) * n > LARGE:
        se = math.sqrt((p1 * (1 - p1) + p2 * (1 - p2)) / n)
        return float(ndtr(abs(p2 - p1) / se - normal_quantile((1 + level) / 2)))
    p1, p2 = min(p1, p2), max(p1, p2)
    tail = (1 - level) / 2
    (x1, w1), (x2, w2) = (count_distribution(p, n, reach=_REACH) for p in (p1, p2))
    high1 = np.where(x1 < n, betaincinv(np.minimum(x1, n - 1) + 1, np.maximum(n - x1, 1e-9), 1 - tail), 1.0)
    low2 = np.where(x2 > 0, betaincinv(np.maximum(x2, 1e-9), n - x2 + 1, tail), 0.0)
    arm1, arm2 = high1 - x1 / n, x2 / n - low2
    gap = x2[None, :] / n - x1[:, None] / n
    seen = (gap > 0) & (gap**2 > arm1[:, None] ** 2 + arm2[None, :] ** 2)
    return float(w1 @ seen @ w2)


def _nearest(before: float, end: float, seen: Callable[[float], bool]) -> float | None:
    if not seen(end):
        return None
    near, far = before, end
    while abs(far - near) > 1e-4 * abs(far - before):
        middle = (near + far) / 2
        near, far = (near, middle) if seen(middle) else (middle, far)
    return far


def pooled_size(p1: float, p2: float, *, power: float, level: float) -> float:
    """n per group as in R's power.prop.test, whose other tail is left out (Fleiss 1981, eq. 3.14)."""
    mean = (p1 + p2) / 2
    null = normal_quantile((1 + level) / 2) * math.sqrt(2 * mean * (1 - mean))
    other = normal_quantile(power) * math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    return (null + other) ** 2 / (p2 - p1) ** 2


def _shares(before: float, after: float | None, relative: float | None) -> tuple[float, float]:
    check_share("The share before", before)
    if (after is None) == (relative is None):
        raise InvalidInput("Give either after or relative_change.", code="usage")
    second = before * (1 + relative) if relative is not None else after
    assert second is not None
    check_share("The share after", second)
    if second == before:
        raise InvalidInput("Before and after are the same: no sample sees that.", code="usage", value=before)
    return before, second


def _gain(p1: float, p2: float, *, overlap: float, correlation: float) -> float:
    """Variance of the difference over that of independent samples (Kish 1965, eq. 12.4.1)."""
    check_number("The overlap", overlap, above=-1e-300, below=1 + 1e-12)
    s1, s2 = math.sqrt(p1 * (1 - p1)), math.sqrt(p2 * (1 - p2))
    small, large = min(p1, p2), max(p1, p2)
    most = math.sqrt(small * (1 - large) / (large * (1 - small)))
    check_number("The correlation", correlation, above=-1e-300, below=most + 1e-12, hint="Two shares allow no more.")
    return 1 - 2 * overlap * correlation * s1 * s2 / (s1**2 + s2**2)


def _notes(positives: float, *, design_effect: float, gain: float) -> list[str]:
    notes = []
    if positives < FEW:
        notes.append(
            f"about {positives:.3g} positives are expected in one of the periods: the usual formula is far off"
        )
    if design_effect != 1:
        notes.append(f"the design effect {design_effect:g} is an assumption")
    if gain != 1:
        notes.append(f"the overlap leaves {gain:.3g} of the variance if the correlation is as assumed")
    return notes
