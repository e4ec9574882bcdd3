"""Populations of known prevalence, and one sample drawn from each as the estimators receive it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.simulations.cells import Cell
from tools.estimation import ClusterTotals, StratumMoments, Totals

SHARES = np.array([0.4, 0.3, 0.2, 0.1])  # of the population; strata are sampled equally, so weights run 4:3:2:1
RATES = np.array([0.5, 0.8, 1.2, 3.2])  # prevalence of each stratum over that of the population; Σ SHARES·RATES = 1
UNEVEN = np.array([5, 10, 20, 45])

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Population:
    """How to draw a sample, and the effective n at the true design effect: p(1-p) over the true variance."""

    draw: Callable[[np.random.Generator], Totals]
    n_eff: float


def build_population(cell: Cell) -> Population:
    """The population of a cell: infinite, so that no population correction applies."""
    if cell.design == "simple":
        return Population(lambda rng: _moments(rng, cell, np.ones(1), np.ones(1)), float(cell.n))
    if cell.design == "stratified":
        return Population(lambda rng: _moments(rng, cell, SHARES, RATES), _stratified_n_eff(cell, effect=1.0))
    if cell.design == "stratified cluster":
        effect = 1 + (cell.size - 1) * cell.icc
        return Population(lambda rng: _stratified_clusters(rng, cell), _stratified_n_eff(cell, effect=effect))
    sizes = _sizes(cell)
    effect = float((sizes * (1 + (sizes - 1) * cell.icc)).sum() / sizes.sum())
    return Population(lambda rng: _clusters(rng, cell, sizes), float(sizes.sum()) / effect)


def _sizes(cell: Cell) -> Ints:
    clusters = cell.n // cell.size
    if cell.design == "uneven":
        return np.resize(UNEVEN, clusters).astype(np.int64)
    return np.full(clusters, cell.size, dtype=np.int64)


def _stratified_n_eff(cell: Cell, *, effect: float) -> float:
    p = cell.prevalence
    rates = p * RATES
    variance = float((SHARES**2 * rates * (1 - rates) / (cell.n / len(SHARES))).sum()) * effect
    return p * (1 - p) / variance


def _moments(rng: np.random.Generator, cell: Cell, shares: NDArray[np.float64], rates: NDArray[np.float64]) -> Totals:
    drawn = np.full(len(shares), cell.n // len(shares), dtype=np.int64)
    positives = rng.binomial(drawn, cell.prevalence * rates).astype(np.int64)
    weight = shares * cell.n / drawn
    return StratumMoments(
        stratum=np.arange(len(shares)),
        n=drawn,
        sum_w=weight * drawn,
        sum_wy=weight * positives,
        sum_ww=weight**2 * drawn,
        sum_wwy=weight**2 * positives,
        sum_wwyy=weight**2 * positives,
        positives=positives,
    )


def _clusters(rng: np.random.Generator, cell: Cell, sizes: Ints) -> Totals:
    positives = _correlated(rng, sizes, cell.prevalence, cell.icc)
    return ClusterTotals(
        stratum=np.zeros(len(sizes), dtype=np.int64),
        n=sizes,
        sum_w=sizes.astype(float),
        sum_wy=positives.astype(float),
        positives=positives,
    )


def _stratified_clusters(rng: np.random.Generator, cell: Cell) -> Totals:
    each = cell.n // cell.size // len(SHARES)
    stratum = np.repeat(np.arange(len(SHARES)), each)
    sizes = np.full(len(stratum), cell.size, dtype=np.int64)
    positives = _correlated(rng, sizes, cell.prevalence * RATES[stratum], cell.icc)
    weight = (SHARES / (each * cell.size))[stratum]
    return ClusterTotals(stratum=stratum, n=sizes, sum_w=weight * sizes, sum_wy=weight * positives, positives=positives)


def _correlated(rng: np.random.Generator, sizes: Ints, p: float | NDArray[np.float64], icc: float) -> Ints:
    """Beta-binomial counts: prevalence p, intraclass correlation icc."""
    if icc == 0:
        return rng.binomial(sizes, p).astype(np.int64)
    a = (1 - icc) / icc
    return rng.binomial(sizes, rng.beta(np.multiply(p, a), np.multiply(np.subtract(1, p), a), len(sizes))).astype(
        np.int64
    )
