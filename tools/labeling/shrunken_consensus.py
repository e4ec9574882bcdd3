"""Dawid and Skene's model with every rater drawn towards the average one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.estimation.tables import Floats
from tools.labeling.dawid_skene import (
    SPECK,
    DawidSkene,
    GivenLabels,
    maximise,
    start_at_votes,
    tabulate_given,
    too_large,
)
from tools.labeling.label_table import LabelTable

LEAST_STRENGTH, MOST_STRENGTH = 0.01, 10_000.0


@dataclass(frozen=True, eq=False)
class ShrunkenConsensus:
    """The model as fitted, and `strength`: how many labels the average rater counts beside a rater's own."""

    model: DawidSkene
    strength: float


def fit_shrunken_consensus(table: LabelTable) -> ShrunkenConsensus | None:
    """Maximum a posteriori: each row of a rater's confusion has a Dirichlet prior around the average rater's.

    The average is the model with one confusion for all raters, by maximum likelihood. Its weight, `strength` labels per
    true label, is the maximum of the Dirichlet-multinomial likelihood of the raters' counts under that model's
    posterior: raters who differ much are shrunk little. A rater of few labels is close to the average, so no label is
    ruled out by one who has not yet met it. None when the model is too large.
    """
    if too_large(table):
        return None
    given = tabulate_given(table)
    alike = tabulate_given(_as_one_rater(table))
    average = maximise(alike, start_at_votes(alike))
    pooled = average.confusion.transpose(0, 2, 1)
    strength = _strength(given, average.posterior, pooled)
    return ShrunkenConsensus(maximise(given, start_at_votes(given), prior=strength * pooled), strength)


def _as_one_rater(table: LabelTable) -> LabelTable:
    return LabelTable(table.items, ("anyone",), table.labels, table.item, np.zeros_like(table.rater), table.label)


def _strength(given: GivenLabels, posterior: Floats, pooled: Floats) -> float:
    """The Dirichlet-multinomial maximum over the concentration, its mean held at `pooled`."""
    from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]  # start-up
    from scipy.special import gammaln  # type: ignore[import-untyped]  # start-up

    met = np.asarray(given.by_rater @ posterior).reshape(given.raters, given.labels, given.labels)
    totals = met.sum(axis=1)
    said = pooled > SPECK

    def surprise(log_strength: float) -> float:
        strength = float(np.exp(log_strength))
        mean = np.where(said, strength * pooled, 1.0)
        each = np.where(said, gammaln(mean + met) - gammaln(mean), 0.0)
        return -float(each.sum() + (gammaln(strength) - gammaln(strength + totals)).sum())

    found = minimize_scalar(surprise, bounds=(np.log(LEAST_STRENGTH), np.log(MOST_STRENGTH)), method="bounded")
    return float(np.exp(found.x))
