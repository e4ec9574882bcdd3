"""Dawid and Skene's consensus: labels and raters' errors estimated together by EM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.estimation.tables import Floats
from tools.labeling.label_table import LabelTable

TOLERANCE = 1e-7
MOST_ITERATIONS = 20_000
MOST_PARAMETERS = 20_000_000


@dataclass(frozen=True, eq=False)
class DawidSkene:
    """The model as fitted.

    Attributes:
        posterior: (items, labels) probability of each label being the item's true one.
        prevalence: (labels,) share of items of each true label.
        confusion: (raters, labels, labels) probability that a rater says k (last) where j is true; zeros where a
            rater never met j.
        log_likelihood: of all labels given, natural logarithm, without constants.
        iterations: M and E steps made. converged: the log-likelihood moved by less than 1e-7 in the last one.
    """

    posterior: Floats
    prevalence: Floats
    confusion: Floats
    log_likelihood: float
    iterations: int
    converged: bool


def fit_dawid_skene(table: LabelTable, *, most_iterations: int = MOST_ITERATIONS) -> DawidSkene | None:
    """EM from vote shares; every label counts, also a rater's second one of an item. None when it is too large.

    Dawid and Skene 1979, Applied Statistics 28:20-28. Maximum likelihood without smoothing: a label that an item's
    raters cannot have confused keeps probability 0. Assumes that raters err independently given the true label; with
    fewer than three raters an item the errors are not identified and the consensus leans on the start.
    """
    from scipy.sparse import csr_array  # type: ignore[import-untyped]  # start-up

    items, raters, labels = len(table.items), len(table.raters), len(table.labels)
    if raters * labels**2 > MOST_PARAMETERS:
        return None
    given = csr_array(
        (np.ones(len(table.item)), (table.item, table.rater * labels + table.label)), shape=(items, raters * labels)
    )
    given.sum_duplicates()
    transposed = given.T.tocsr()
    votes = table.votes()
    posterior = votes / votes.sum(axis=1, keepdims=True)
    before, iteration, converged = -np.inf, 0, False
    while not converged and iteration < most_iterations:
        iteration += 1
        prevalence = posterior.mean(axis=0)
        confusion = _confusion(np.asarray(transposed @ posterior), raters, labels)
        posterior, log_likelihood = _expect(given, prevalence, confusion)
        converged = abs(log_likelihood - before) < TOLERANCE
        before = log_likelihood
    return DawidSkene(
        posterior,
        prevalence,
        confusion.reshape(raters, labels, labels).transpose(0, 2, 1),
        log_likelihood,
        iteration,
        converged,
    )


def _confusion(met: Floats, raters: int, labels: int) -> Floats:
    """(raters·labels said, labels true) shares from how often each was said where each was true."""
    by_rater = met.reshape(raters, labels, labels)
    totals = by_rater.sum(axis=1, keepdims=True)
    return np.asarray((by_rater / np.where(totals > 0, totals, 1.0)).reshape(raters * labels, labels))


def _expect(given: Any, prevalence: Floats, confusion: Floats) -> tuple[Floats, float]:
    """The posterior and the log-likelihood; log 0 is minus infinity, and every item has a label above it."""
    with np.errstate(divide="ignore"):
        log = np.asarray(given @ np.log(confusion)) + np.log(prevalence)
    top = log.max(axis=1, keepdims=True)
    scaled = np.exp(log - top)
    each = scaled.sum(axis=1, keepdims=True)
    return np.asarray(scaled / each), float((top + np.log(each)).sum())
