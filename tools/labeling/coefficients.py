"""The coefficients of agreement: alpha, kappa, AC1, and with weights where the scale has any."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.errors import Declined, InvalidInput
from tools.estimation import Estimate
from tools.estimation.agreement.cohen_kappa import estimate_cohen_kappa
from tools.estimation.agreement.item_bootstrap import Resampling
from tools.estimation.agreement.krippendorff_alpha import estimate_alpha
from tools.estimation.agreement.label_weights import Scale, weigh_labels
from tools.estimation.agreement.pair_agreement import estimate_pair_agreement
from tools.estimation.agreement.vote_patterns import VotePatterns, collapse_votes
from tools.estimation.tables import Floats, Ints
from tools.figure import Figure
from tools.labeling.label_table import LabelTable

MOST_VALUES = 2_000  # the distances between all of them are held in memory


@dataclass(frozen=True)
class StandardError:
    """A coefficient's standard error, linearised over items."""

    metric: str
    se: float | None


@dataclass(frozen=True)
class Coefficients:
    """`weighted_kappa` and `ac2` are None on the nominal scale, where they are kappa and AC1."""

    alpha: Figure
    kappa: Figure
    ac1: Figure
    weighted_kappa: Figure | None
    ac2: Figure | None
    standard_errors: tuple[StandardError, ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Those that there are."""
        every = (self.alpha, self.kappa, self.ac1, self.weighted_kappa, self.ac2)
        return tuple(each for each in every if each is not None)


def measure_coefficients(last: LabelTable, *, scale: Scale = "nominal", how: Resampling | None = None) -> Coefficients:
    """Krippendorff's alpha, Cohen's kappa (two raters) or Fleiss's, Gwet's AC1; weighted kappa and AC2 by scale.

    Args:
        last: each rater's label of an item, once.
        scale: of the labels, for alpha and the weights; kappa and AC1 take labels as names.

    Raises:
        InvalidInput: labels that are not numbers on a scale of numbers.
        Declined: more than 2,000 distinct labels on a scale of numbers.
    """
    metrics, found = _estimate(last, scale, how or Resampling())
    figures = [_figure(f"f{i}", metric, each) for i, (metric, each) in enumerate(zip(metrics, found, strict=True), 1)]
    errors = tuple(StandardError(metric, each.se) for metric, each in zip(metrics, found, strict=True))
    alpha, kappa, ac1, *rest = figures
    weighted_kappa, ac2 = rest or (None, None)
    return Coefficients(alpha, kappa, ac1, weighted_kappa, ac2, errors)


def _estimate(last: LabelTable, scale: Scale, how: Resampling) -> tuple[list[str], list[Estimate]]:
    patterns = collapse_votes(last.votes())
    kappa = "cohen_kappa" if len(last.raters) == 2 else "fleiss_kappa"
    metrics = ["krippendorff_alpha", kappa, "gwet_ac1"]
    ac1 = estimate_pair_agreement(patterns, chance="gwet", how=how)
    plain = _kappa(last, last.label, patterns, None, how)
    if scale == "nominal":
        return metrics, [estimate_alpha(patterns, np.arange(1.0, len(last.labels) + 1), how=how), plain, ac1]
    numbers, place, values = _numbers(last, scale)
    by_value = collapse_votes(numbers.votes())
    weights = weigh_labels(values, scale)
    alpha = estimate_alpha(by_value, values, scale=scale, how=how)
    weighted = _kappa(numbers, place, by_value, weights, how)
    ac2 = estimate_pair_agreement(by_value, chance="gwet", weights=weights, how=how)
    return [*metrics, f"weighted_{kappa}", "gwet_ac2"], [alpha, plain, ac1, weighted, ac2]


def _kappa(last: LabelTable, label: Ints, patterns: VotePatterns, weights: Floats | None, how: Resampling) -> Estimate:
    if len(last.raters) != 2:
        return estimate_pair_agreement(patterns, chance="fleiss", weights=weights, how=how)
    by_rater = np.full((2, len(last.items)), -1, np.int64)
    by_rater[last.rater, last.item] = label
    both = (by_rater >= 0).all(axis=0)
    return estimate_cohen_kappa(by_rater[0, both], by_rater[1, both], weights=weights, how=how)


def _numbers(last: LabelTable, scale: Scale) -> tuple[LabelTable, Ints, Floats]:
    """The table with labels that are equal as numbers made one, its label codes, and the numbers."""
    used, label = np.unique(last.label, return_inverse=True)
    values, place = np.unique([_number(last.labels[code], scale) for code in used], return_inverse=True)
    if len(values) > MOST_VALUES:
        raise Declined(
            f"Scales of numbers take at most {MOST_VALUES:,} distinct labels.",
            reason="unsupported_cut",
            rule="too_many_labels",
            value=len(values),
            hint="Round the labels.",
        )
    label = place[label]
    names = tuple(f"{value:g}" for value in values)
    return LabelTable(last.items, last.raters, names, last.item, last.rater, label), label, values


def _number(label: str, scale: Scale) -> float:
    try:
        value = float(label)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value) or (scale == "ratio" and value < 0):
        kind = "a number of 0 or more" if scale == "ratio" else "a number"
        raise InvalidInput(
            f"On the {scale} scale every label is {kind}; {label!r} is not.",
            code="invalid_label",
            value=label,
            hint="Write ranks as numbers, or use --scale nominal.",
        )
    return value


def _figure(id: str, metric: str, found: Estimate) -> Figure:
    return Figure(
        id=id,
        metric=metric,
        value=found.value,
        low=found.low,
        high=found.high,
        level=found.level,
        unit="index",
        n=found.n,
        basis="sample",
        method=found.method,
        undefined=found.undefined,
        one_sided=found.one_sided,
    )
