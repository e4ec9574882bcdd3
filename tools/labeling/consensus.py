"""The consensus label of each item by three methods, and how near each rater is to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.estimation.intervals import wilson
from tools.estimation.tables import Floats, Ints
from tools.labeling.dawid_skene import DawidSkene, count_errors, expect, fit_dawid_skene, start_at_votes, tabulate_given
from tools.labeling.label_table import LabelTable
from tools.labeling.shrunken_consensus import fit_shrunken_consensus


@dataclass(frozen=True, slots=True)
class Consensus:
    """One item's label.

    Attributes:
        label: the most probable one under Dawid-Skene, the first in sort order of equals; p: its probability.
        majority: the label with most votes, None when two lead; share: the leading label's share of votes.
        shrunken: the most probable label with raters drawn towards the average one; shrunken_p: its probability.
        n_labels: votes.
    """

    item: str
    label: str
    p: float
    majority: str | None
    share: float
    shrunken: str
    shrunken_p: float
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
    """A consensus model.

    `log_likelihood` is of all labels given, without constants and without the prior; that of the majority has raters'
    errors counted against vote shares.
    """

    name: str
    log_likelihood: float
    iterations: int
    converged: bool


@dataclass(frozen=True, eq=False)
class ThreeWays:
    """Majority, Dawid-Skene and its shrunken variant on the same labels.

    Attributes:
        leading, lead, votes: (items,) code of the label with most votes, its votes, and all votes.
        tied: (items,) whether another label has as many. best, p; shrunken, shrunken_p: (items,) codes and
            probabilities of the models, or the leading label and its share where the models are too large.
        models: as fitted, none when too large. strength: labels that the average rater counts, None likewise.
    """

    leading: Ints
    lead: Floats
    votes: Floats
    tied: Ints
    best: Ints
    p: Floats
    shrunken: Ints
    shrunken_p: Floats
    models: tuple[FittedModel, ...]
    strength: float | None


def find_consensus(table: LabelTable) -> ThreeWays:
    """Three consensus labels of each item; every label counts, also a rater's second one of an item."""
    leading, lead, votes, tied = _majority(table)
    fitted, shrunken = fit_dawid_skene(table), fit_shrunken_consensus(table)
    if fitted is None or shrunken is None:
        share = lead / votes
        return ThreeWays(leading, lead, votes, tied, leading, share, leading, share, (), None)
    best, p = _best(fitted)
    near, near_p = _best(shrunken.model)
    models = (_as_model("dawid_skene", fitted), _as_model("shrinkage", shrunken.model), _majority_model(table))
    return ThreeWays(leading, lead, votes, tied, best, p, near, near_p, models, shrunken.strength)


def list_consensus(table: LabelTable, found: ThreeWays) -> tuple[Consensus, ...]:
    names = table.labels
    columns = (found.best, found.p, found.leading, found.tied, found.lead / found.votes)
    more = (found.shrunken, found.shrunken_p, found.votes)
    return tuple(
        Consensus(item, names[best], p, None if tied else names[top], share, names[near], near_p, int(n))
        for item, best, p, top, tied, share, near, near_p, n in zip(
            table.items, *(column.tolist() for column in (*columns, *more)), strict=True
        )
    )


def list_raters(table: LabelTable, last: LabelTable, best: Ints, level: float) -> tuple[RaterAccuracy, ...]:
    """Each rater against the consensus codes `best` (items,); `last` has a rater's label of an item once."""
    size = len(table.raters)
    right = np.bincount(table.rater, (table.label == best[table.item]).astype(np.float64), size)
    labels = np.bincount(table.rater, minlength=size)
    items = np.bincount(last.rater, minlength=size)
    found = []
    for i, rater in enumerate(table.raters):
        accuracy = float(right[i] / labels[i])
        limits = wilson(accuracy, float(items[i]), level=level)
        low, high = min(limits.low, accuracy), max(limits.high, accuracy)
        found.append(RaterAccuracy(rater, int(items[i]), int(labels[i]), accuracy, low, high, level))
    return tuple(found)


def _majority(table: LabelTable) -> tuple[Ints, Floats, Floats, Ints]:
    """The leading label (the first of equals), its votes, all votes, and whether it is tied."""
    votes = table.votes()
    starts = votes.indptr[:-1]
    lead = np.maximum.reduceat(votes.data, starts)
    leads = votes.data == np.repeat(lead, np.diff(votes.indptr))
    first = np.where(leads, votes.indices, len(table.labels))
    tied = np.add.reduceat(leads.astype(np.int64), starts) > 1
    return np.minimum.reduceat(first, starts), lead, np.add.reduceat(votes.data, starts), tied.astype(np.int64)


def _best(model: DawidSkene) -> tuple[Ints, Floats]:
    best = np.round(model.posterior, 12).argmax(axis=1)
    return best, np.minimum(model.posterior[np.arange(len(best)), best], 1.0)


def _as_model(name: str, model: DawidSkene) -> FittedModel:
    return FittedModel(name, model.log_likelihood, model.iterations, model.converged)


def _majority_model(table: LabelTable) -> FittedModel:
    given = tabulate_given(table)
    _, log_likelihood = expect(given, count_errors(given, start_at_votes(given)))
    return FittedModel("majority", log_likelihood, 0, True)


def describe_models(found: ThreeWays, labels: int) -> Sequence[str]:
    """What a reader should know of the models; `labels` is how many were given."""
    if not found.models:
        return ["Too many raters and labels for Dawid-Skene: the consensus is the majority, p its share of votes."]
    notes = [
        f"{model.name} had not converged after {model.iterations:,} iterations."
        for model in found.models
        if not model.converged
    ]
    if labels < 3 * len(found.votes):
        notes.append("With fewer than three labels an item, Dawid-Skene cannot tell raters' errors from hard items.")
    return notes
