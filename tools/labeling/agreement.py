"""Agreement of raters on items, the consensus label of each item, and how near each rater is to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.errors import Declined, InvalidInput
from tools.estimation import Estimate, LabelCounts, estimate_agreement
from tools.estimation.intervals import wilson
from tools.estimation.tables import Floats
from tools.figure import Figure
from tools.labeling.cohen_kappa import estimate_cohen_kappa
from tools.labeling.dawid_skene import DawidSkene, fit_dawid_skene
from tools.labeling.fleiss_kappa import estimate_fleiss_kappa
from tools.labeling.gwet_ac1 import estimate_ac1
from tools.labeling.label_table import LabelTable, tabulate_labels
from tools.labeling.scaled_alpha import Scale, estimate_scaled_alpha


@dataclass(frozen=True)
class Consensus:
    """One item's label.

    Attributes:
        label: the most probable one under Dawid-Skene, the first in sort order of equals; p: its probability.
        majority: the label with most votes, None when two lead; share: the leading label's share of votes.
        n_labels: votes.
    """

    item: str
    label: str
    p: float
    majority: str | None
    share: float
    n_labels: int


@dataclass(frozen=True)
class RaterAccuracy:
    """How often a rater's labels are the consensus, which the rater took part in.

    Attributes:
        accuracy: share of the rater's labels; low, high: Wilson interval at the number of items.
    """

    rater: str
    n_items: int
    n_labels: int
    accuracy: float
    low: float
    high: float
    level: float


@dataclass(frozen=True)
class FittedModel:
    """A consensus model."""

    name: str
    log_likelihood: float
    iterations: int
    converged: bool


@dataclass(frozen=True)
class AgreementReport:
    """What `transect agreement` prints; `notes` says what a reader should know."""

    n_items: int
    n_raters: int
    n_labels: int
    alpha: Figure
    kappa: Figure
    ac1: Figure
    consensus: tuple[Consensus, ...]
    raters: tuple[RaterAccuracy, ...]
    models: tuple[FittedModel, ...]
    notes: tuple[str, ...]


def measure_agreement(
    rows: Sequence[tuple[str, str, str]], *, scale: Scale = "nominal", level: float = 0.95, left_out: int = 0
) -> AgreementReport:
    """Agreement and consensus of (item, rater, label) rows, missing labels left out, in the order given.

    Alpha, kappa and AC1 use a rater's last label of an item; Dawid-Skene and the majority use all. Kappa is Cohen's
    for two raters, Fleiss's for more; kappa and AC1 take labels as names on every scale. `left_out` counts the rows
    without a label, for the notes.

    Raises:
        InvalidInput: level outside (0, 1); labels that are not numbers on a scale of numbers.
        Declined: there is no label.
    """
    if not 0 < level < 1:
        raise InvalidInput("The level must lie between 0 and 1.", value=level)
    if not rows:
        raise Declined("There is no label to measure agreement on.", reason="no_data", rule="no_labels")
    table = tabulate_labels(rows)
    last = table.last()
    votes = last.votes()
    alpha = _alpha(last, votes, scale, level)
    kappa = _kappa(last, votes, level)
    ac1 = estimate_ac1(votes, level=level)
    model = fit_dawid_skene(table)
    consensus = _consensus(table, model)
    figures = (
        _figure("f1", "krippendorff_alpha", alpha),
        _figure("f2", "cohen_kappa" if len(table.raters) == 2 else "fleiss_kappa", kappa),
        _figure("f3", "gwet_ac1", ac1),
    )
    return AgreementReport(
        len(table.items),
        len(table.raters),
        len(table.item),
        *figures,
        consensus,
        _raters(table, consensus, level),
        (FittedModel("dawid_skene", model.log_likelihood, model.iterations, model.converged),) if model else (),
        tuple(_notes(table, last, votes, scale, level, model, left_out)),
    )


def _alpha(last: LabelTable, votes: Floats, scale: Scale, level: float) -> Estimate:
    if scale == "nominal":
        item, label = np.nonzero(votes)
        counts = LabelCounts(item=item, label=label, n=votes[item, label].astype(np.int64))
        return estimate_agreement(counts, level=level)
    values = np.array([_number(label, scale) for label in last.labels])
    distinct, place = np.unique(values, return_inverse=True)
    merged = np.zeros((len(votes), len(distinct)))
    np.add.at(merged.T, place, votes.T)
    return estimate_scaled_alpha(merged, distinct, scale=scale, level=level)


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


def _kappa(last: LabelTable, votes: Floats, level: float) -> Estimate:
    if len(last.raters) != 2:
        return estimate_fleiss_kappa(votes, level=level)
    by_rater = np.full((2, len(last.items)), -1, np.int64)
    by_rater[last.rater, last.item] = last.label
    both = (by_rater >= 0).all(axis=0)
    return estimate_cohen_kappa(by_rater[0, both], by_rater[1, both], level=level)


def _consensus(table: LabelTable, model: DawidSkene | None) -> tuple[Consensus, ...]:
    votes = table.votes()
    n = votes.sum(axis=1)
    posterior = votes / n[:, None] if model is None else model.posterior
    best = np.round(posterior, 12).argmax(axis=1)
    lead = votes.max(axis=1)
    tied = (votes == lead[:, None]).sum(axis=1) > 1
    top = votes.argmax(axis=1)
    return tuple(
        Consensus(
            item,
            table.labels[best[i]],
            min(float(posterior[i, best[i]]), 1.0),
            None if tied[i] else table.labels[top[i]],
            float(lead[i] / n[i]),
            int(n[i]),
        )
        for i, item in enumerate(table.items)
    )


def _raters(table: LabelTable, consensus: Sequence[Consensus], level: float) -> tuple[RaterAccuracy, ...]:
    place = {label: code for code, label in enumerate(table.labels)}
    true = np.array([place[each.label] for each in consensus])
    size = len(table.raters)
    right = np.bincount(table.rater, (table.label == true[table.item]).astype(np.float64), size)
    labels = np.bincount(table.rater, minlength=size)
    items = np.bincount(table.last().rater, minlength=size)
    found = []
    for i, rater in enumerate(table.raters):
        accuracy = float(right[i] / labels[i])
        limits = wilson(accuracy, float(items[i]), level=level)
        low, high = min(limits.low, accuracy), max(limits.high, accuracy)
        found.append(RaterAccuracy(rater, int(items[i]), int(labels[i]), accuracy, low, high, level))
    return tuple(found)


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
    )


def _notes(
    table: LabelTable,
    last: LabelTable,
    votes: Floats,
    scale: Scale,
    level: float,
    model: DawidSkene | None,
    left_out: int,
) -> list[str]:
    notes = [f"{left_out:,} rows have no label and are left out."] if left_out else []
    repeats = len(table.item) - len(last.item)
    if repeats:
        notes.append(
            f"{repeats:,} labels repeat an item by the same rater: alpha, kappa and AC1 use the last one, the majority "
            "and Dawid-Skene all."
        )
    paired = int((votes.sum(axis=1) >= 2).sum())
    if paired < len(table.items):
        notes.append(
            f"{len(table.items) - paired:,} items have a label of one rater only; they say little on agreement."
        )
    if scale != "nominal":
        notes.append(f"Only alpha uses the {scale} scale; kappa and AC1 take labels as names.")
    if paired and (votes[votes.sum(axis=1) >= 2] > 0).sum() == paired:
        bound = 1 - (1 - level) ** (1 / paired)
        notes.append(
            f"Nobody disagreed, so the intervals have no width; {paired:,} items leave room for up to {bound:.2%} of "
            f"items with a disagreement (one-sided, level {level:g})."
        )
    if model is None:
        notes.append("Too many raters and labels for Dawid-Skene: the consensus is the majority, p its share of votes.")
    elif not model.converged:
        notes.append(f"Dawid-Skene had not converged after {model.iterations:,} iterations.")
    if model is not None and len(table.item) < 3 * len(table.items):
        notes.append("With fewer than three labels an item, Dawid-Skene cannot tell raters' errors from hard items.")
    notes.append(
        "Accuracy is against a consensus that the rater took part in, so it flatters raters of items with few labels."
    )
    return notes
