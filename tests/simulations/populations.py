"""Populations of known prevalence, and one sample drawn from each as the estimators receive it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.simulations.cells import Cell
from tests.simulations.steered_frame import binormal_frame, draw_kinds, draw_positives
from tools.estimation import ClusterTotals, StratumMoments, Totals
from tools.estimation.domain import sum_domain
from tools.estimation.survey import describe_survey
from tools.estimation.unit_design import AnyDesign
from tools.sampling import ScoreCurve, steer
from tools.sampling.inclusion_probabilities import rule_of_sizes
from tools.sampling.steer import STEPS

SHARES = np.array([0.4, 0.3, 0.2, 0.1])  # of the population; strata are sampled equally, so weights run 4:3:2:1
RATES = np.array([0.5, 0.8, 1.2, 3.2])  # prevalence of each stratum over that of the population; Σ SHARES·RATES = 1
UNEVEN = np.array([5, 10, 20, 45])
BANDS = np.array([0.9, 0.09, 0.01])  # shares of the frame in three bands of a score, labelled equally
BAND_AUC = 0.95
HELD, EVERY = 4, 5  # two stages: a cluster holds 4 times the rows that are drawn of it, and every 5th cluster is drawn
AUC, SCORED = 0.9, 10_000_000  # of the score that steers, and units of the frame that it was computed on

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Population:
    """How to draw a sample, and the effective n at the true design effect: p(1-p) over the true variance.

    `positives` are expected in a sample (in bands: as many as would carry the share at the heaviest weight).
    """

    draw: Callable[[np.random.Generator], Drawn]
    n_eff: float
    positives: float


@dataclass(frozen=True)
class Drawn:
    """A sample's table, its design where the table does not say it all, and the share in what it was drawn from."""

    totals: Totals
    truth: float
    design: AnyDesign | None = None


def build_population(cell: Cell) -> Population:
    """The population of a cell: infinite, so that no population correction applies, but for two stages and scores."""
    if cell.design == "two stages":
        return _two_stages(cell)
    if cell.design == "by score":
        return _by_score(cell)
    if cell.design == "score bands":
        return _score_bands(cell)
    draw, n_eff = _infinite(cell)
    return Population(lambda rng: Drawn(draw(rng), cell.prevalence), n_eff, cell.n * cell.prevalence)


def _infinite(cell: Cell) -> tuple[Callable[[np.random.Generator], Totals], float]:
    if cell.design == "simple":
        return lambda rng: _moments(rng, cell, np.ones(1), np.ones(1)), float(cell.n)
    if cell.design == "stratified":
        return lambda rng: _moments(rng, cell, SHARES, RATES), _stratified_n_eff(cell, SHARES, RATES, effect=1.0)
    if cell.design == "stratified cluster":
        effect = 1 + (cell.size - 1) * cell.icc
        return lambda rng: _stratified_clusters(rng, cell), _stratified_n_eff(cell, SHARES, RATES, effect=effect)
    sizes = _sizes(cell)
    effect = float((sizes * (1 + (sizes - 1) * cell.icc)).sum() / sizes.sum())
    return lambda rng: _clusters(rng, cell, sizes), float(sizes.sum()) / effect


def _two_stages(cell: Cell) -> Population:
    """A new finite population each time: of every fifth cluster a quarter of the rows, counts known at both stages."""
    drawn, held = cell.n // cell.size, HELD * cell.size
    cluster = np.repeat(np.arange(drawn), cell.size)

    def draw(rng: np.random.Generator) -> Drawn:
        positives = _correlated(rng, np.full(EVERY * drawn, held), cell.prevalence, cell.icc)
        hits = rng.hypergeometric(positives[:drawn], held - positives[:drawn], cell.size)
        outcome = (np.tile(np.arange(cell.size), drawn) < np.repeat(hits, cell.size)).astype(np.float64)
        survey = describe_survey(
            cell.n,
            clusters=cluster,
            population=np.full(cell.n, EVERY * drawn),
            units="rows",
            unit_population=np.full(cell.n, held),
        )
        truth = float(positives.sum()) / (EVERY * drawn * held)
        return Drawn(sum_domain(survey, outcome).totals, truth, survey.design)

    between = (1 - 1 / EVERY) * (cell.icc + (1 - cell.icc) / held)
    within = (1 - 1 / HELD) * (1 - cell.icc) / cell.size
    return Population(draw, drawn / (between + within), cell.n * cell.prevalence)


def _by_score(cell: Cell) -> Population:
    """A Pareto draw by sizes from the true curve of a binormal score, as `steer` has them; weights alone, no totals."""
    frame = binormal_frame(AUC, prevalence=cell.prevalence, units=SCORED, rng=np.random.default_rng(cell.n))
    curve = _true_curve(cell.prevalence, least=float(frame.score[0]), most=float(frame.score[-1]))
    edges = curve.edges(STEPS)
    place = np.searchsorted(edges, frame.score, side="right").astype(np.int64)
    counts = np.bincount(place, weights=frame.units, minlength=len(edges) + 1).astype(np.int64)
    sizes = steer(curve, counts.tolist(), edges).sizes
    rule = rule_of_sizes(sizes, n=cell.n, counts=counts.tolist())
    pi = np.array([rule.probability(size) for size in sizes])[place]

    def draw(rng: np.random.Generator) -> Drawn:
        taken = draw_kinds(pi, frame.units, n=cell.n, rng=rng)
        hits = draw_positives(frame, taken, rng)
        outcome = np.repeat(np.tile([1.0, 0.0], len(pi)), np.column_stack([hits, taken - hits]).ravel())
        survey = describe_survey(cell.n, probability=np.repeat(pi, taken), variance="brewer")
        return Drawn(sum_domain(survey, outcome).totals, frame.truth, survey.design)

    p = frame.truth
    spread = frame.positives * (1 - p) ** 2 + (frame.units - frame.positives) * p**2
    variance = float((spread * (1 / pi - 1)).sum()) / frame.size**2
    return Population(draw, p * (1 - p) / variance, float(pi @ frame.positives))


def _true_curve(prevalence: float, *, least: float, most: float) -> ScoreCurve:
    """P(positive | score) of an equal-variance binormal score is logistic."""
    from scipy.special import ndtri  # type: ignore[import-untyped]

    apart = math.sqrt(2) * float(ndtri(AUC))
    return ScoreCurve("identity", math.log(prevalence / (1 - prevalence)) - apart**2 / 2, apart, least, most)


def _sizes(cell: Cell) -> Ints:
    clusters = cell.n // cell.size
    if cell.design == "uneven":
        return np.resize(UNEVEN, clusters).astype(np.int64)
    return np.full(clusters, cell.size, dtype=np.int64)


def _score_bands(cell: Cell) -> Population:
    """Nine tenths of the frame, in which positives are rarest, have a third of the labels."""
    rates = _band_rates(cell.prevalence)
    n_eff = _stratified_n_eff(cell, BANDS, rates, effect=1.0)
    heaviest = float(BANDS.max()) / (cell.n // len(BANDS))
    return Population(
        lambda rng: Drawn(_moments(rng, cell, BANDS, rates), cell.prevalence), n_eff, cell.prevalence / heaviest
    )


def _band_rates(p: float) -> Floats:
    """Prevalence of each band over that of the frame, for an equal-variance binormal score."""
    from scipy.optimize import brentq  # type: ignore[import-untyped]
    from scipy.special import ndtr, ndtri

    apart = math.sqrt(2) * float(ndtri(BAND_AUC))
    cuts = [brentq(lambda x, q=q: (1 - p) * ndtr(x) + p * ndtr(x - apart) - q, -9, 9) for q in np.cumsum(BANDS)[:-1]]
    below = np.array([0.0, *(float(ndtr(x - apart)) for x in cuts), 1.0])
    return np.asarray(np.diff(below) / BANDS, dtype=np.float64)


def _stratified_n_eff(cell: Cell, shares: Floats, rates: Floats, *, effect: float) -> float:
    p = cell.prevalence
    each = p * rates
    variance = float((shares**2 * each * (1 - each) / (cell.n // len(shares))).sum()) * effect
    return p * (1 - p) / variance


def _moments(rng: np.random.Generator, cell: Cell, shares: Floats, rates: Floats) -> Totals:
    drawn = np.full(len(shares), cell.n // len(shares), dtype=np.int64)
    positives = rng.binomial(drawn, cell.prevalence * rates).astype(np.int64)
    weight = shares * int(drawn.sum()) / drawn
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


def _correlated(rng: np.random.Generator, sizes: Ints, p: float | Floats, icc: float) -> Ints:
    """Beta-binomial counts: prevalence p, intraclass correlation icc."""
    if icc == 0:
        return rng.binomial(sizes, p).astype(np.int64)
    a = (1 - icc) / icc
    return rng.binomial(sizes, rng.beta(np.multiply(p, a), np.multiply(np.subtract(1, p), a), len(sizes))).astype(
        np.int64
    )
