"""An agreement coefficient with its interval: items drawn again and again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tools.errors import InvalidInput
from tools.estimation.estimate import Estimate
from tools.estimation.intervals import wald
from tools.estimation.tables import Floats, Ints

REPLICATIONS = 2_000
MOST_PATTERNS = 100_000  # beyond, items are so many that the linearised interval is the same
_CELLS = 4_000_000
_FEW = 4  # items a pattern, below which drawing items is faster than drawing counts

NO_PAIRS = "no item has two labels"
ONE_LABEL = "only one label occurs, so there is no agreement beyond chance to measure"
ONE_ITEM = "only one item has two labels, so the variance cannot be estimated"


@dataclass(frozen=True)
class Resampling:
    """How intervals are made: `replications` draws of items with replacement from `seed`, at `level`."""

    level: float = 0.95
    replications: int = REPLICATIONS
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise InvalidInput("The level must lie between 0 and 1.", value=self.level)
        if not 100 <= self.replications <= 1_000_000:
            raise InvalidInput("The replications lie between 100 and 1,000,000.", value=self.replications)
        if self.seed < 0:
            raise InvalidInput("The seed is a whole number of 0 or more.", value=self.seed)


@dataclass(frozen=True, eq=False)
class Coefficient:
    """A coefficient 1 - observed/expected disagreement of items that fall into P patterns of labels.

    Attributes:
        name: what it is called. value: at the items as they are. n: items with two labels.
        times: (P,) items of each pattern.
        influence: (P,) of one item on the value, up to a constant, times the number of items.
        redraw: (R, P) times of each pattern in R resamples, to their (R,) values; NaN where only one label is drawn.
        widths: most columns that `redraw` makes a row, which bounds what is drawn at once.
        worst: what one item's disagreement can come to at most, over the expected disagreement.
        divisor: of the variance, items - 1 unless the literature's formula has another one.
    """

    name: str
    value: float
    n: int
    times: Floats
    influence: Floats
    redraw: Callable[[Floats], Floats]
    widths: int
    worst: float
    divisor: int | None = None


def estimate_coefficient(found: Coefficient, how: Resampling) -> Estimate:
    """The coefficient with its interval, items being a simple random sample of items.

    `se` is linearised over items. The interval is Efron's BCa over resampled items (1987, JASA 82:171-185), its
    acceleration from the linearised influences, its normal quantiles widened to t(items - 1) and by √(items/(items-1))
    (Hesterberg 2015, The American Statistician 69:371-386, section 5.2: resamples vary too little by as much); a
    resample in which only one label occurs counts as 1. When nobody
    disagreed it is one-sided: with n items, at most 1 - (1 - level)^(1/n) of items disagree, each as far as can be.
    When all items disagree alike, so many may as well agree, or disagree as far as can be. In both cases items show no
    spread, and `se` is None.
    """
    items = float(found.times.sum())
    if items < 2 or found.n < 2:
        return undefined(found.n, how.level, ONE_ITEM)
    z = found.influence - float(found.times @ found.influence) / items
    se = math.sqrt(float(found.times @ z**2) / (items * (found.divisor or items - 1)))
    flat = Estimate(found.value, se, 0.0, 0.0, how.level, items - 1, found.n, None, None, None, "")
    if not se > 1e-12:
        return _bound(found, flat)
    if len(found.times) > MOST_PATTERNS:
        limits = wald(found.value, se, df=items - 1, level=how.level)
        method = f"{found.name}, linearised over items"
        return replace(flat, low=max(limits.low, -1.0), high=min(limits.high, 1.0), method=method)
    low, high = _bca(found, z, how)
    method = f"{found.name}, BCa bootstrap over items, {how.replications:,} replications, seed {how.seed}"
    return replace(flat, low=min(low, found.value), high=max(high, found.value), method=method)


def undefined(n: int, level: float, reason: str) -> Estimate:
    """A coefficient that has no value, and why."""
    return Estimate(None, None, None, None, level, None, n, None, None, None, "undefined", undefined=reason)


def _bound(found: Coefficient, flat: Estimate) -> Estimate:
    """The interval where items do not differ, so that nothing drawn from them does."""
    unlike = -math.expm1(math.log(1 - flat.level) / found.n)
    apart = 1 - found.value
    low, high = 1 - apart * (1 - unlike) - unlike * found.worst, 1 - apart * (1 - unlike)
    none = found.value >= 1 - 1e-12
    method = f"{found.name}, bound on items that {'disagree' if none else 'are unlike the others'}"
    return replace(
        flat, se=None, low=min(max(low, -1.0), found.value), high=max(high, found.value), method=method, one_sided=none
    )


def _bca(found: Coefficient, z: Floats, how: Resampling) -> tuple[float, float]:
    from scipy.special import ndtr, ndtri, stdtrit  # type: ignore[import-untyped]  # start-up

    items = float(found.times.sum())
    drawn = _redraw(found, how)
    drawn = np.where(np.isfinite(drawn), drawn, 1.0)
    below = float((drawn < found.value).mean() + (drawn == found.value).mean() / 2)
    edge = 1 / (2 * len(drawn))
    bias = float(ndtri(min(max(below, edge), 1 - edge)))
    spread = float(found.times @ z**2)
    bend = float(found.times @ z**3) / (6 * spread**1.5) if spread > 0 else 0.0
    reach = math.sqrt(items / (items - 1)) * float(stdtrit(items - 1, (1 + how.level) / 2))
    sides = bias + np.array([-reach, reach])
    stretch = 1 - bend * sides
    at = np.where(stretch > 0, ndtr(bias + sides / np.where(stretch > 0, stretch, 1.0)), sides > 0)
    low, high = np.quantile(drawn, at)
    return float(low), float(high)


def _redraw(found: Coefficient, how: Resampling) -> Floats:
    rng = np.random.default_rng(how.seed)
    patterns, items = len(found.times), round(float(found.times.sum()))
    one_by_one = items < _FEW * patterns
    step = max(1, _CELLS // max(patterns, found.widths, items * one_by_one))
    parts = []
    for start in range(0, how.replications, step):
        size = min(step, how.replications - start)
        times = _draw_items(rng, found.times, size) if one_by_one else rng.multinomial(items, found.times / items, size)
        with np.errstate(divide="ignore", invalid="ignore"):
            parts.append(found.redraw(times.astype(np.float64)))
    return np.concatenate(parts)


def _draw_items(rng: np.random.Generator, times: Floats, size: int) -> Ints:
    """(size, P) the same as a multinomial draw, faster where items are few."""
    pattern = np.repeat(np.arange(len(times)), times.astype(np.int64))
    drawn = pattern[rng.integers(len(pattern), size=(size, len(pattern)))]
    drawn += np.arange(size)[:, None] * len(times)
    return np.bincount(drawn.ravel(), minlength=size * len(times)).reshape(size, len(times))
