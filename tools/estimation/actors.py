"""From labelled items to actors: who has at least k violating items in the period."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tools.errors import Declined, InvalidInput
from tools.estimation.intervals import Limits
from tools.estimation.melded import Solve, meld
from tools.estimation.tables import Floats
from tools.estimation.validation import Rate

MOST_SIZES = 50
Curve = Callable[[Floats | float, Floats | float], Floats]  # of sensitivity and specificity
WORST = 0.25  # of the share: the largest standard error of the actor-level specificity that a correction bears


@dataclass(frozen=True)
class ActorShare:
    """The share of actors with at least `k` violating items.

    Attributes:
        flagged: share of actors with at least k flagged items, as it stands: what a count of flags would say.
        low_value, high_value: the range of values that the data allow without sampling error; equal when identified.
        low, high: limits of that range at the level.
        false_alarm, caught: mean probability to be flagged without a violating item, and with exactly k.
    """

    k: int
    actors: int
    flagged: float
    low_value: float
    high_value: float
    low: float
    high: float
    false_alarm: float
    caught: float
    notes: tuple[str, ...] = ()


def flag_probability(
    violating: int, *, items: int, sampled: int, at_least: int, sensitivity: float, specificity: float
) -> float:
    """P(at least `at_least` of `sampled` items are labelled violating | `violating` of the actor's `items` are).

    The violating ones among those sampled are hypergeometric; each is caught with the sensitivity, each other one is
    flagged with 1 - specificity. With none violating, all of 200 items labelled and specificity .999: 18 %.
    """
    return float(_flag_curve(violating, items=items, sampled=sampled, at_least=at_least)(sensitivity, specificity))


def estimate_actor_share(
    flagged: ArrayLike,
    sampled: ArrayLike,
    items: ArrayLike,
    *,
    k: int = 1,
    sensitivity: Rate,
    specificity: Rate,
    level: float = 0.95,
) -> ActorShare:
    """The share of actors with at least k violating items, item error and sampling within actors carried through.

    An actor counts as flagged with at least k flagged items. Among actors of one size let b0 = P(flagged | none
    violating), b = P(flagged | k-1), a = P(flagged | k). P(flagged) rises with the number violating, so that of the
    flagged share q = π·A + (1-π)·B it is known that a ≤ A ≤ 1 and b0 ≤ B ≤ b, whatever the distribution of violations:
        (q - b)/(1 - b) ≤ π ≤ (q - b0)/(a - b0)
    Limits meld the distributions of q, sensitivity and specificity (`meld`). Several sizes are summed by their shares
    of the actors; their limits by squares for what q adds, by plain sums for what the validation adds, which all
    sizes share.

    Args:
        flagged, sampled, items: (n,) of each actor, actors drawn at random: items labelled violating, labelled, had.
        k: violating items that make an actor count. sensitivity, specificity: of the item's label.

    Raises:
        InvalidInput: counts that cannot be; more than 50 combinations of `sampled` and `items`.
        Declined: `uncorrectable`, the share of actors flagged without cause is known to no better than a quarter of
            the share, or flagged actors tell nothing.
    """
    x, m, size = (np.asarray(v, dtype=np.int64) for v in (flagged, sampled, items))
    _check(x, m, size, k)
    pairs, code = np.unique(np.stack([m, size]), axis=1, return_inverse=True)
    if pairs.shape[1] > MOST_SIZES:
        raise InvalidInput(
            f"Actors have {pairs.shape[1]:,} combinations of items and labelled items; at most {MOST_SIZES}"
            " are summed.",
            code="too_many_sizes",
            value=int(pairs.shape[1]),
            hint="Label the same number for actors of a band of sizes.",
        )
    hits = np.bincount(code.ravel(), weights=(x >= k).astype(np.float64), minlength=pairs.shape[1])
    count = np.bincount(code.ravel(), minlength=pairs.shape[1]).astype(np.float64)
    classes = [
        _Class(int(h), int(n), int(pairs[0, i]), int(pairs[1, i]), k)
        for i, (h, n) in enumerate(zip(hits, count, strict=True))
    ]
    weight = count / count.sum()
    se, sp = sensitivity.value, specificity.value
    values = [_values(c, se, sp) for c in classes]
    low_value, high_value = (float(sum(w * v[i] for w, v in zip(weight, values, strict=True))) for i in (0, 1))
    alarm, caught = (float(sum(w * f(c) for w, c in zip(weight, classes, strict=True))) for f in _rates(se, sp))
    _check_alarm(classes, weight, max(high_value, 0.0), specificity)
    limits = _limits(classes, weight, values, sensitivity, specificity, level)
    q = float(hits.sum() / count.sum())
    notes = (f"Counting actors with a flag says {q:.3g}; {alarm:.3g} of actors without a violating item are flagged.",)
    return ActorShare(
        k=k,
        actors=len(x),
        flagged=q,
        low_value=_clip(low_value),
        high_value=_clip(high_value),
        low=_clip(limits.low),
        high=_clip(limits.high),
        false_alarm=alarm,
        caught=caught,
        notes=notes,
    )


def _clip(share: float) -> float:
    return min(max(share, 0.0), 1.0)


@dataclass(frozen=True)
class _Class:
    """Actors of one size: flagged ones, all, items labelled and had."""

    hits: int
    actors: int
    sampled: int
    items: int
    k: int

    def curve(self, violating: int) -> Curve:
        return _flag_curve(violating, items=self.items, sampled=self.sampled, at_least=self.k)


def _flag_curve(
    violating: int, *, items: int, sampled: int, at_least: int
) -> Callable[[Floats | float, Floats | float], Floats]:
    """The probability as a function of sensitivity and specificity."""
    from scipy.stats import hypergeom  # type: ignore[import-untyped]  # start-up

    seen = np.arange(max(0, sampled - (items - violating)), min(violating, sampled) + 1)
    chance = hypergeom.pmf(seen, items, violating, sampled)

    def curve(se: Floats | float, sp: Floats | float) -> Floats:
        return np.asarray(
            sum(p * _at_least(int(v), sampled, at_least, se, sp) for v, p in zip(seen, chance, strict=True))
        )

    return curve


def _at_least(violating: int, sampled: int, k: int, se: Floats | float, sp: Floats | float) -> Floats:
    """P(caught + falsely flagged ≥ k): caught of `violating` with chance se, flagged of the rest with chance 1 - sp."""
    from scipy.special import bdtr, comb  # type: ignore[import-untyped]  # start-up

    missing = np.zeros(np.broadcast(se, sp).shape)
    rest = sampled - violating
    for caught in range(min(violating, k - 1) + 1):
        exactly = comb(violating, caught) * np.power(se, caught) * np.power(1.0 - np.asarray(se), violating - caught)
        left = k - 1 - caught
        few = np.ones_like(missing) if left >= rest else bdtr(left, rest, 1.0 - np.asarray(sp))
        missing = missing + exactly * few
    return np.asarray(1.0 - missing)


def _rates(se: float, sp: float) -> tuple[Callable[[_Class], float], Callable[[_Class], float]]:
    return (lambda c: float(c.curve(0)(se, sp)), lambda c: float(c.curve(min(c.k, c.items))(se, sp)))


def _values(c: _Class, se: float, sp: float) -> tuple[float, float]:
    """The range of the share, not clipped; actors with fewer than k items have none."""
    if c.items < c.k:
        return 0.0, 0.0
    q = c.hits / c.actors
    b0, b, a = (float(c.curve(v)(se, sp)) for v in (0, c.k - 1, c.k))
    if a - b0 <= 0 or b >= 1:
        raise _uncorrectable("An actor with violating items is flagged no more often than one without.", a - b0)
    return (q - b) / (1 - b), (q - b0) / (a - b0)


def _limits(
    classes: list[_Class],
    weight: Floats,
    values: list[tuple[float, float]],
    sensitivity: Rate,
    specificity: Rate,
    level: float,
) -> Limits:
    """One size: melded. Several: arms of q by squares, what the validation adds by plain sums."""
    known = (Rate(sensitivity.value, math.inf), Rate(specificity.value, math.inf))
    down, up, extra_down, extra_up = [], [], [], []
    for w, c, (low_value, high_value) in zip(weight, classes, values, strict=True):
        if c.items < c.k:
            continue
        whole = _class_limits(c, sensitivity, specificity, level)
        if len(classes) == 1:
            return whole
        own = _class_limits(c, *known, level)
        down.append(w * (low_value - own.low))
        up.append(w * (own.high - high_value))
        extra_down.append(w * max(own.low - whole.low, 0.0))
        extra_up.append(w * max(whole.high - own.high, 0.0))
    low, high = (float(sum(w * v[i] for w, v in zip(weight, values, strict=True))) for i in (0, 1))
    return Limits(low - math.hypot(*down) - sum(extra_down), high + math.hypot(*up) + sum(extra_up))


def _class_limits(c: _Class, sensitivity: Rate, specificity: Rate, level: float) -> Limits:
    none, fewer, enough = c.curve(0), c.curve(c.k - 1), c.curve(c.k)

    def lower(wrong: Floats, right: Floats) -> Callable[[float], Floats]:
        b = fewer(right, 1 - wrong)
        return lambda q: b + q * (1 - b)

    def upper(wrong: Floats, right: Floats) -> Callable[[float], Floats]:
        b, a = none(right, 1 - wrong), enough(right, 1 - wrong)
        return lambda q: b + q * (a - b)

    solves: tuple[Solve, Solve] = (lower, upper)
    return meld(
        c.hits,
        c.actors,
        sensitivity=sensitivity,
        specificity=specificity,
        level=level,
        low=solves[0],
        high=solves[1],
    )


def _check_alarm(classes: list[_Class], weight: Floats, share: float, specificity: Rate) -> None:
    """SE of the mean P(flagged | none violating), by the delta method, against the share of actors."""
    if specificity.known:
        return
    sp, se = specificity.value, specificity.se
    step = max(min(1e-6, 1 - sp), 1e-9)

    def alarm(at: float) -> float:
        return float(sum(w * float(c.curve(0)(1.0, at)) for w, c in zip(weight, classes, strict=True)))

    slope = (alarm(sp - step) - alarm(min(sp, 1.0))) / step
    if slope * se <= WORST * share:
        return
    needed = sp * (1 - sp) * (slope / (WORST * share)) ** 2 if share > 0 else math.inf
    count = f"about {math.ceil(needed):,}" if math.isfinite(needed) else "many more"
    raise Declined(
        f"The share of actors flagged without cause is known to ±{slope * se:.2g}, more than a quarter of the share"
        f" {share:.3g}.",
        reason="uncorrectable",
        rule="specificity_unknown",
        value=slope * se,
        hint=f"It takes {count} gold negatives, or people's review of the flagged items.",
    )


def _check(x: ArrayLike, m: ArrayLike, size: ArrayLike, k: int) -> None:
    x, m, size = np.asarray(x), np.asarray(m), np.asarray(size)
    if k < 1:
        raise InvalidInput("k is 1 or more", value=k)
    if not x.shape == m.shape == size.shape or len(x) == 0:
        raise InvalidInput("flagged, sampled and items have one value an actor", value=[len(x), len(m), len(size)])
    bad = (x < 0) | (x > m) | (m > size) | (m < 1)
    if bad.any():
        row = int(np.argmax(bad))
        value = [int(x[row]), int(m[row]), int(size[row])]
        raise InvalidInput(f"actor {row + 1}: 0 <= flagged <= sampled <= items does not hold", value=value)


def _uncorrectable(message: str, value: float) -> Declined:
    return Declined(message, reason="uncorrectable", rule="no_better_than_chance", value=value)
