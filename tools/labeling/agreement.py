"""Agreement of raters on items, the consensus label of each item, and how near each rater is to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tools.errors import Declined, InvalidInput
from tools.estimation import Estimate
from tools.estimation.tables import Floats, Ints
from tools.figure import Figure
from tools.labeling.cohen_kappa import estimate_cohen_kappa
from tools.labeling.consensus import (
    Consensus,
    FittedModel,
    RaterAccuracy,
    describe_models,
    find_consensus,
    list_consensus,
    list_raters,
)
from tools.labeling.item_bootstrap import REPLICATIONS, Resampling
from tools.labeling.krippendorff_alpha import estimate_alpha
from tools.labeling.label_table import LabelTable, tabulate_labels
from tools.labeling.label_weights import Scale, weigh_labels
from tools.labeling.pair_agreement import estimate_pair_agreement
from tools.labeling.vote_patterns import VotePatterns, collapse_votes, find_patterns

MOST_VALUES = 2_000  # the distances between all of them are held in memory


@dataclass(frozen=True)
class StandardError:
    """A coefficient's standard error, linearised over items."""

    metric: str
    se: float | None


@dataclass(frozen=True)
class AgreementReport:
    """What `transect agreement` prints; `notes` says what a reader should know.

    `weighted_kappa` and `ac2` are None on the nominal scale, where they are kappa and AC1.
    """

    n_items: int
    n_raters: int
    n_labels: int
    alpha: Figure
    kappa: Figure
    ac1: Figure
    weighted_kappa: Figure | None
    ac2: Figure | None
    standard_errors: tuple[StandardError, ...]
    consensus: tuple[Consensus, ...]
    raters: tuple[RaterAccuracy, ...]
    models: tuple[FittedModel, ...]
    notes: tuple[str, ...]


def measure_agreement(
    labels: LabelTable | Iterable[tuple[str, str, str]],
    *,
    scale: Scale = "nominal",
    level: float = 0.95,
    replications: int = REPLICATIONS,
    seed: int = 0,
    left_out: int = 0,
) -> AgreementReport:
    """Agreement and consensus of (item, rater, label) rows, missing labels left out, in the order given.

    The coefficients use a rater's last label of an item; Dawid-Skene and the majority use all. Kappa is Cohen's for two
    raters, Fleiss's for more; kappa and AC1 take labels as names on every scale, the weighted ones as `scale` says.
    Intervals are by bootstrap over items. `left_out` counts the rows without a label, for the notes.

    Raises:
        InvalidInput: level outside (0, 1), replications or seed out of range; labels that are not numbers on a scale
            of numbers.
        Declined: there is no label; more than 2,000 distinct labels on a scale of numbers.
    """
    how = Resampling(level, replications, seed)
    table = labels if isinstance(labels, LabelTable) else tabulate_labels(labels)
    if not len(table.item):
        raise Declined("There is no label to measure agreement on.", reason="no_data", rule="no_labels")
    last = table.last()
    patterns = find_patterns(last)
    metrics, found = _coefficients(last, patterns, scale, how)
    figures = [_figure(f"f{i}", metric, each) for i, (metric, each) in enumerate(zip(metrics, found, strict=True), 1)]
    consensus = find_consensus(table)
    notes = [f"{left_out:,} rows have no label and are left out."] if left_out else []
    notes += [*_describe(table, last, patterns, how), *describe_models(consensus, len(table.item))]
    notes.append(
        "Accuracy is against a consensus that the rater took part in, so it flatters raters of items with few labels."
    )
    return AgreementReport(
        len(table.items),
        len(table.raters),
        len(table.item),
        *figures[:3],
        *(figures[3:] or (None, None)),
        tuple(StandardError(metric, each.se) for metric, each in zip(metrics, found, strict=True)),
        list_consensus(table, consensus),
        list_raters(table, consensus.best, level),
        consensus.models,
        tuple(notes),
    )


def _coefficients(
    last: LabelTable, patterns: VotePatterns, scale: Scale, how: Resampling
) -> tuple[list[str], list[Estimate]]:
    """What is measured, and how it came out: alpha, kappa, AC1, and with weights where the scale has any."""
    kappa = "cohen_kappa" if len(last.raters) == 2 else "fleiss_kappa"
    metrics = ["krippendorff_alpha", kappa, "gwet_ac1"]
    ac1 = estimate_pair_agreement(patterns, chance="gwet", how=how)
    plain = _kappa(last, last.label, patterns, None, how)
    if scale == "nominal":
        return metrics, [estimate_alpha(patterns, np.arange(len(last.labels)) + 1.0, how=how), plain, ac1]
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


def _describe(table: LabelTable, last: LabelTable, patterns: VotePatterns, how: Resampling) -> list[str]:
    """What a reader should know of the labels."""
    notes = []
    repeats = len(table.item) - len(last.item)
    if repeats:
        notes.append(
            f"{repeats:,} labels repeat an item by the same rater: alpha, kappa and AC1 use the last one, the majority "
            "and Dawid-Skene all."
        )
    paired = round(float(patterns.times[patterns.paired].sum()))
    if paired < len(table.items):
        notes.append(
            f"{len(table.items) - paired:,} items have a label of one rater only; they say little on agreement."
        )
    alone = len(table.raters) - len(np.unique(last.rater[np.bincount(last.item)[last.item] > 1]))
    if alone and paired:
        notes.append(f"{alone:,} raters share no item with another one: nothing is known of how they agree.")
    lone = int((np.bincount(table.rater) == 1).sum())
    if lone:
        notes.append(f"{lone:,} raters gave a single label, which says next to nothing of them.")
    kinds = np.diff(patterns.votes.indptr)[patterns.paired]
    if paired and (kinds == 1).all():
        bound = 1 - (1 - how.level) ** (1 / paired)
        notes.append(
            f"Nobody disagreed: {paired:,} items leave room for up to {bound:.2%} of items with a disagreement "
            f"(one-sided, level {how.level:g})."
        )
    return notes
