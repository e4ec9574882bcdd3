"""Dawid and Skene's consensus: labels and raters' errors estimated together by EM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from tools.estimation.tables import Floats
from tools.labeling.climb import climb, leap_shares
from tools.labeling.label_table import LabelTable

MOST_STEPS = 20_000
MOST_NUMBERS = 10_000_000  # of confusion probabilities, and of posterior ones
SPECK = 1e-12


@dataclass(frozen=True, eq=False)
class DawidSkene:
    """The model as fitted.

    Attributes:
        posterior: (items, labels) probability of each label being the item's true one.
        prevalence: (labels,) share of items of each true label.
        confusion: (raters, labels, labels) probability that a rater says k (last) where j is true; zeros where a
            rater never met j.
        log_likelihood: of all labels given, natural logarithm, without constants.
        iterations: E steps made. converged: the last EM step raised what is maximised by less than 1e-7.
    """

    posterior: Floats
    prevalence: Floats
    confusion: Floats
    log_likelihood: float
    iterations: int
    converged: bool


@dataclass(frozen=True, eq=False)
class GivenLabels:
    """Sparse counts, how often each rater gave each label to each item.

    Attributes:
        by_item: (items, raters · labels); by_rater: the same transposed, also stored by rows.
        raters, labels: how many.
    """

    by_item: Any
    by_rater: Any
    raters: int
    labels: int


class Parameters(NamedTuple):
    """`prevalence` (labels,) and `confusion` (raters, labels said, labels true)."""

    prevalence: Floats
    confusion: Floats


def fit_dawid_skene(table: LabelTable, *, most_steps: int = MOST_STEPS) -> DawidSkene | None:
    """Maximum likelihood by EM from vote shares; a rater's second label of an item counts too. None when too large.

    Dawid and Skene 1979, Applied Statistics 28:20-28, without smoothing. At the start each label has 1e-12 of a vote
    on every item, so that the start rules nothing out for good. The maximum is a local one. Assumes that raters err
    independently given the true label; with fewer than three raters an item the errors are not identified and the
    consensus leans on the start.
    """
    if too_large(table):
        return None
    given = tabulate_given(table)
    return maximise(given, start_at_votes(given), most_steps=most_steps)


def too_large(table: LabelTable) -> bool:
    """Whether the model's numbers would not fit in memory."""
    labels = len(table.labels)
    return max(len(table.raters) * labels**2, len(table.items) * labels) > MOST_NUMBERS


def tabulate_given(table: LabelTable) -> GivenLabels:
    from scipy.sparse import csr_array  # type: ignore[import-untyped]  # start-up

    raters, labels = len(table.raters), len(table.labels)
    said = (table.rater * labels + table.label).astype(np.int32)
    shape = (len(table.items), raters * labels)
    by_item = csr_array((np.ones(len(said)), (table.item.astype(np.int32), said)), shape=shape)
    return GivenLabels(by_item, by_item.T.tocsr(), raters, labels)


def start_at_votes(given: GivenLabels) -> Floats:
    """(items, labels) share of an item's votes that each label has, and a speck."""
    each = np.tile(np.eye(given.labels), (given.raters, 1))
    votes = np.asarray(given.by_item @ each) + SPECK
    return np.asarray(votes / votes.sum(axis=1, keepdims=True))


def maximise(
    given: GivenLabels, posterior: Floats, *, prior: Floats | None = None, most_steps: int = MOST_STEPS
) -> DawidSkene:
    """The model from a first guess at the labels; `prior` (1, labels said, labels true) counts as labels given."""

    def step(at: Parameters) -> tuple[Parameters, float]:
        posterior, log_likelihood = expect(given, at)
        return count_errors(given, posterior, prior), log_likelihood + _log_prior(at, prior)

    top = climb(count_errors(given, posterior, prior), step, leap, most_steps=most_steps)
    posterior, log_likelihood = expect(given, top.point)
    confusion = top.point.confusion.transpose(0, 2, 1)
    return DawidSkene(posterior, top.point.prevalence, confusion, log_likelihood, top.steps + 1, top.converged)


def count_errors(given: GivenLabels, posterior: Floats, prior: Floats | None = None) -> Parameters:
    """The M step: shares of how often each label was said where each was true."""
    met = np.asarray(given.by_rater @ posterior).reshape(given.raters, given.labels, given.labels)
    if prior is not None:
        met = met + prior
    totals = np.einsum("rkj->rj", met)[:, None, :]  # several times faster than sum() over few labels
    shares = np.full(len(posterior), 1 / len(posterior)) @ posterior
    return Parameters(shares, met / np.where(totals > 0, totals, 1.0))


def expect(given: GivenLabels, at: Parameters) -> tuple[Floats, float]:
    """The E step: the posterior, and the log-likelihood at `at`; log 0 is minus infinity."""
    with np.errstate(divide="ignore", invalid="ignore"):
        said = np.log(at.confusion).reshape(-1, given.labels)
        joint = np.ascontiguousarray((given.by_item @ said).T)  # sums over labels are faster along the first axis
        joint += np.log(at.prevalence)[:, None]
        top = joint.max(axis=0)
        joint -= top
        np.exp(joint, out=joint)
        each = joint.sum(axis=0)
        joint /= each
        return np.ascontiguousarray(joint.T), float((top + np.log(each)).sum())


def leap(first: Parameters, second: Parameters, third: Parameters, longest: float) -> Parameters:
    return Parameters(
        leap_shares(first.prevalence[:, None], second.prevalence[:, None], third.prevalence[:, None], longest)[:, 0],
        leap_shares(first.confusion, second.confusion, third.confusion, longest),
    )


def _log_prior(at: Parameters, prior: Floats | None) -> float:
    if prior is None:
        return 0.0
    from scipy.special import xlogy  # type: ignore[import-untyped]  # start-up

    return float(xlogy(prior, at.confusion).sum())
