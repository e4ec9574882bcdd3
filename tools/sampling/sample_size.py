"""How many units an interval of a given width takes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from tools.errors import InvalidInput
from tools.sampling.check_number import check_count, check_number, check_share
from tools.sampling.expected_limits import expected_limits

FEW = 20  # below so many positives the interval is lopsided, and its width varies much from sample to sample
LARGEST = 10**15


@dataclass(frozen=True)
class SampleSize:
    """A size, and what a sample of it will report if the assumptions hold.

    Attributes:
        n: units to label.
        n_effective: n over the design effect, corrected for the population.
        prevalence, level, design_effect, population, sensitivity, specificity: the assumptions.
        expected_low, expected_high: mean limits of the interval.
        expected_positives: mean number of units labelled positive.
        zero_probability: chance that none is; then only the bound `bound_if_zero` can be reported.
        bound_if_zero: that bound, one-sided at the level.
        wald_n: what the usual formula z² p(1-p)/d² gives for the width reached (Cochran 1977, eqs 4.1 and 4.2; not
            rounded).
        notes: what to know before this size is relied on.
    """

    n: int
    n_effective: float
    prevalence: float
    level: float
    design_effect: float
    population: int | None
    sensitivity: float
    specificity: float
    expected_low: float
    expected_high: float
    expected_positives: float
    zero_probability: float
    bound_if_zero: float
    wald_n: float
    notes: tuple[str, ...]

    @property
    def expected_half_width(self) -> float:
        """Half the mean width."""
        return (self.expected_high - self.expected_low) / 2


def size_for_interval(
    *,
    prevalence: float,
    half_width: float | None = None,
    relative_half_width: float | None = None,
    level: float = 0.95,
    population: int | None = None,
    design_effect: float = 1.0,
    sensitivity: float = 1.0,
    specificity: float = 1.0,
) -> SampleSize:
    """The smallest n whose interval for a share is, on average, no wider than asked.

    The interval is the one that will be reported: Clopper-Pearson's at the effective n, and without a positive a
    one-sided bound. The usual formula is too short for rare events; it stands beside in `wald_n`.

    Args:
        prevalence: the share that is assumed.
        half_width: half the width of the interval, absolute; or
        relative_half_width: over the prevalence, such as 0.1 for ±10 %.
        level: of the interval.
        population: N, when the sample is drawn from so few that it matters: n = n0 / (1 + (n0 - 1)/N).
        design_effect: variance over that of a simple random sample, such as 1 + (m - 1)·icc with m units a cluster.
        sensitivity, specificity: of the labels, known; the corrected share is (x + specificity - 1)/J with
            J = sensitivity + specificity - 1, and its interval 1/J times as wide.

    Raises:
        InvalidInput: none or both widths, or a number out of its range.
    """
    found = _check(prevalence, level=level, design_effect=design_effect, population=population)
    target = _target(prevalence, half_width, relative_half_width)
    seen, gain = _as_labelled(prevalence, sensitivity=sensitivity, specificity=specificity)
    start = inflate(_wald(seen, target * gain, level=level), design_effect=design_effect, population=population)

    def narrow(n: int) -> bool:
        effective = deflate(n, design_effect=design_effect, population=population)
        return math.isinf(effective) or (
            expected_limits(seen, max(effective, 1.0), level=level).half_width <= target * gain
        )

    n = smallest(narrow, start=start, end=population or LARGEST)
    return interval_for_size(
        n,
        prevalence=found,
        level=level,
        population=population,
        design_effect=design_effect,
        sensitivity=sensitivity,
        specificity=specificity,
        half_width=target,
    )


def interval_for_size(
    n: int,
    *,
    prevalence: float,
    level: float = 0.95,
    population: int | None = None,
    design_effect: float = 1.0,
    sensitivity: float = 1.0,
    specificity: float = 1.0,
    half_width: float | None = None,
) -> SampleSize:
    """What a sample of n units will report on average; arguments as in `size_for_interval`.

    `half_width` is the one that `wald_n` speaks of; default: the one that n gives.
    """
    check_count("n", n)
    _check(prevalence, level=level, design_effect=design_effect, population=population)
    if population is not None and n > population:
        raise InvalidInput(
            f"n = {n:,} is more than the {population:,} units there are.",
            code="n_too_large",
            value=n,
            allowed=[f"1 to {population:,}"],
        )
    seen, gain = _as_labelled(prevalence, sensitivity=sensitivity, specificity=specificity)
    effective = deflate(n, design_effect=design_effect, population=population)
    whole = math.isinf(effective)
    limits = expected_limits(seen, 1.0 if whole else max(effective, 1.0), level=level)
    low, high = (seen, seen) if whole else (limits.low, limits.high)
    low, high = (min(max((x - (1 - specificity)) / gain, 0.0), 1.0) for x in (low, high))
    wald = 0.0 if whole and half_width is None else _wald(seen, (half_width or (high - low) / 2) * gain, level=level)
    size = SampleSize(
        n=n,
        n_effective=effective,
        prevalence=prevalence,
        level=level,
        design_effect=design_effect,
        population=population,
        sensitivity=sensitivity,
        specificity=specificity,
        expected_low=low,
        expected_high=high,
        expected_positives=n * seen,
        zero_probability=0.0 if whole else limits.zero_probability,
        bound_if_zero=0.0 if whole else limits.bound_if_zero,
        wald_n=float(n) if whole else inflate(wald, design_effect=design_effect, population=population),
        notes=(),
    )
    return _with_notes(size)


def smallest(holds: Callable[[int], bool], *, start: float, end: int = LARGEST) -> int:
    """The smallest whole number from which `holds`, for a condition that stays true once it is; at most `end`.

    Raises:
        InvalidInput: more than 10^15.
    """
    high = max(1, min(math.ceil(start), end))
    while high < end and not holds(high):
        high = min(2 * high, end)
    if high >= LARGEST:
        raise InvalidInput("This takes more than 10^15 units.", code="usage", hint="Ask for a wider interval.")
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def inflate(n: float, *, design_effect: float, population: int | None) -> float:
    """Units that are worth n drawn simple random from an endless population (Cochran 1977, eq. 4.2)."""
    wanted = n * design_effect
    return wanted if population is None else wanted / (1 + (wanted - 1) / population)


def deflate(n: float, *, design_effect: float, population: int | None) -> float:
    """What n units are worth: the inverse of `inflate`; infinity when they are the whole population."""
    if population is None:
        return n / design_effect
    left = population - n
    return math.inf if left <= 0 else n * (population - 1) / left / design_effect


def normal_quantile(probability: float) -> float:
    """Of the standard normal."""
    from scipy.special import ndtri  # type: ignore[import-untyped]  # start-up

    return float(ndtri(probability))


def _wald(prevalence: float, half_width: float, *, level: float) -> float:
    return normal_quantile((1 + level) / 2) ** 2 * prevalence * (1 - prevalence) / half_width**2


def _check(prevalence: float, *, level: float, design_effect: float, population: int | None) -> float:
    check_share("The level", level)
    check_number("The design effect", design_effect, above=0)
    if population is not None:
        check_count("The population", population, least=2)
    hint = "Assume a small share, such as the bound that an earlier sample gave." if prevalence <= 0 else ""
    return check_share("The prevalence", prevalence, hint=hint)


def _target(prevalence: float, half_width: float | None, relative: float | None) -> float:
    if (half_width is None) == (relative is None):
        raise InvalidInput("Give either half_width or relative_half_width.", code="usage")
    if half_width is not None:
        return check_share("The half width", half_width)
    assert relative is not None
    return prevalence * check_number("The relative half width", relative, above=0)


def _as_labelled(prevalence: float, *, sensitivity: float, specificity: float) -> tuple[float, float]:
    """The share that labels show (Rogan and Gladen 1978), and how far they stretch differences."""
    gain = sensitivity + specificity - 1
    for name, value in (("sensitivity", sensitivity), ("specificity", specificity)):
        check_number(f"The {name}", value, above=-1e-300, below=1 + 1e-12)
    check_number(
        "Sensitivity plus specificity less 1", gain, above=0, hint="Labels no better than chance measure nothing."
    )
    return sensitivity * prevalence + (1 - specificity) * (1 - prevalence), gain


def _with_notes(size: SampleSize) -> SampleSize:
    notes = []
    if math.isinf(size.n_effective):
        notes.append("every unit is labelled: a full count")
    if size.expected_positives < FEW:
        notes.append(
            f"about {size.expected_positives:.3g} positives are expected; with fewer than {FEW} the interval is "
            "lopsided and its width varies much from sample to sample"
        )
    if size.zero_probability > 0.01:
        notes.append(
            f"with probability {size.zero_probability:.2g} no positive is found; then only an upper bound of "
            f"{size.bound_if_zero:.3g} can be reported"
        )
    if size.design_effect != 1:
        notes.append(f"the design effect {size.design_effect:g} is an assumption")
    if (size.sensitivity, size.specificity) != (1, 1):
        notes.append("sensitivity and specificity are taken as known; their own error widens the interval")
    notes.append("the width is a mean: about half of all samples give a wider interval")
    return replace(size, notes=tuple(notes))
