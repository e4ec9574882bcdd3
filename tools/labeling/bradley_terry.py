"""Strengths of systems that were compared in pairs: Bradley and Terry, with ties and the advantage of position."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tools.errors import Declined, InvalidInput
from tools.estimation.tables import Floats, Ints
from tools.labeling.comparison_design import ComparisonDesign, refuse_unidentified, tabulate_comparisons

_MOST_STEPS = 200
_CLUSTERS_ADVISED = 30


@dataclass(frozen=True, slots=True)
class Comparison:
    """One judgement of a pair: `first` was shown first; `winner` is one of the two, None for a tie.

    `cluster` is what judgements share beside the systems, the item or the rater: None where nothing is known.
    """

    first: str
    second: str
    winner: str | None
    cluster: str | None = None


@dataclass(frozen=True)
class Strength:
    """A parameter on the scale of log odds; `name` is a system, `position` or `tie`."""

    name: str
    value: float
    se: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class BradleyTerry:
    """The model as fitted.

    Attributes:
        systems: strengths, which sum to 0, strongest first. position: what being first adds, None where not asked.
        tie: the logarithm of Davidson's tie parameter, None when there was no tie. level: of the intervals.
        n_comparisons, n_ties, n_clusters: counts; n_clusters is None where judgements count as independent.
        log_likelihood: natural logarithm. notes: what a reader should know.
        covariance: of the parameters, in the order of `names` (systems sorted, then position and tie).
    """

    systems: tuple[Strength, ...]
    position: Strength | None
    tie: Strength | None
    level: float
    n_comparisons: int
    n_ties: int
    n_clusters: int | None
    log_likelihood: float
    notes: tuple[str, ...]
    names: tuple[str, ...]
    values: Floats
    covariance: Floats
    quantile: float

    def compare(self, stronger: str, weaker: str) -> Strength:
        """The difference of two systems' strengths: the log odds of the one being preferred, from no position.

        Raises:
            InvalidInput: no such system, or one system twice.
        """
        known = [each.name for each in self.systems]
        for name in (stronger, weaker):
            if name not in known:
                raise InvalidInput(f"No system {name!r} was compared.", value=name, allowed=sorted(known))
        if stronger == weaker:
            raise InvalidInput("Two different systems are compared.", value=stronger)
        contrast = np.zeros(len(self.names))
        contrast[self.names.index(stronger)], contrast[self.names.index(weaker)] = 1.0, -1.0
        value = float(contrast @ self.values)
        se = math.sqrt(float(contrast @ self.covariance @ contrast))
        reach = self.quantile * se
        return Strength(f"{stronger} - {weaker}", value, se, value - reach, value + reach)


def fit_bradley_terry(comparisons: Iterable[Comparison], *, position: bool = True, level: float = 0.95) -> BradleyTerry:
    """Maximum likelihood of who is preferred to whom, with intervals.

    With i shown first and j second, log-weights of the three outcomes are λ_i + δ/2 (i), λ_j - δ/2 (j) and
    η + (λ_i + λ_j)/2 (tie): Davidson 1970, JASA 65:317-328, with the order effect of Davidson and Beaver 1977,
    Biometrics 33:693-702, written evenly; without ties Bradley and Terry 1952, Biometrika 39:324-345. The likelihood is
    concave; Newton's steps are halved until it rises. Where every comparison names its cluster, covariances are the
    sandwich of the clusters' scores times C/(C-1) and intervals t(C-1); else the inverse information and normal ones,
    which are too short when one person or item was judged often.

    Args:
        comparisons: in any order.
        position: whether being first may help; without it the order of a pair is of no meaning.
        level: coverage of the intervals.

    Raises:
        InvalidInput: level outside (0, 1), a system compared with itself, a winner that is neither of the two, clusters
            named for some comparisons only.
        Declined: no comparison (`no_data`); only ties; systems in groups that never met; strengths without a finite
            maximum, as when one wins always (`underpowered`, with the systems).
    """
    given = list(comparisons)
    if not 0 < level < 1:
        raise InvalidInput("The level must lie between 0 and 1.", value=level)
    _check(given)
    design = tabulate_comparisons([(c.first, c.second, c.winner) for c in given], position=position)
    refuse_unidentified(design)
    values = _maximise(design)
    chance, log_likelihood = _chances(design, values)
    inverse: Floats = np.asarray(np.linalg.pinv(_information(design, chance), hermitian=True), dtype=np.float64)
    clusters = _clusters(given)
    covariance, quantile, n_clusters = _covariance(design, chance, inverse, clusters, level)
    notes = _notes(design, n_clusters, named=clusters is not None)
    every = [_strength(*each, quantile) for each in zip(design.names, values, np.diag(covariance), strict=True)]
    size = len(design.systems)
    rest = {each.name: each for each in every[size:]}
    return BradleyTerry(
        tuple(sorted(every[:size], key=lambda each: (-each.value, each.name))),
        rest.get("position"),
        rest.get("tie"),
        level,
        len(given),
        sum(c.winner is None for c in given),
        n_clusters,
        log_likelihood,
        tuple(notes),
        design.names,
        values,
        covariance,
        quantile,
    )


def _check(given: Sequence[Comparison]) -> None:
    if not given:
        raise Declined("There is no comparison.", reason="no_data", rule="no_comparisons")
    for each in given:
        if each.first == each.second:
            raise InvalidInput("A system is not compared with itself.", code="same_system", value=each.first)
        if each.winner not in (each.first, each.second, None):
            raise InvalidInput(
                "The winner is one of the two, or None for a tie.",
                code="unknown_winner",
                value=each.winner,
                allowed=[each.first, each.second],
            )
    if len({each.cluster is None for each in given}) > 1:
        raise InvalidInput(
            "Some comparisons name their cluster and some do not.",
            code="missing_value",
            value=sum(each.cluster is None for each in given),
            hint="Name the item or the rater of every comparison, or of none.",
        )
    if all(each.winner is None for each in given):
        raise Declined(
            "Every comparison is a tie: nothing says which system is stronger.",
            reason="underpowered",
            rule="only_ties",
            value=len(given),
        )


def _maximise(design: ComparisonDesign) -> Floats:
    values = np.zeros(len(design.names))
    chance, reached = _chances(design, values)
    for _ in range(_MOST_STEPS):
        score = _score(design, chance).sum(axis=0)
        step = np.linalg.pinv(_information(design, chance), hermitian=True) @ score
        gain = float(step @ score)
        if gain < 1e-12:
            break
        length, before = 1.0, reached
        while True:
            chance, reached = _chances(design, values + length * step)
            if reached >= before or length < 1e-6:
                break
            length /= 2
        values = values + length * step
    values[: len(design.systems)] -= values[: len(design.systems)].mean()
    return values


def _chances(design: ComparisonDesign, values: Floats) -> tuple[Floats, float]:
    """(cells, outcomes) probabilities, and the log-likelihood."""
    weight = design.outcomes @ values
    weight -= weight.max(axis=1, keepdims=True)
    log_chance = weight - np.log(np.exp(weight).sum(axis=1, keepdims=True))
    return np.exp(log_chance), float((design.counts * log_chance).sum())


def _score(design: ComparisonDesign, chance: Floats) -> Floats:
    """(cells, parameters) slope of the log-likelihood."""
    surplus = design.counts - chance * design.counts.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("co,cop->cp", surplus, design.outcomes))


def _information(design: ComparisonDesign, chance: Floats) -> Floats:
    centred = design.outcomes - np.einsum("co,cop->cp", chance, design.outcomes)[:, None]
    weight = chance * design.counts.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("co,cop,coq->pq", weight, centred, centred, optimize=True))


def _clusters(given: Sequence[Comparison]) -> Ints | None:
    if given[0].cluster is None:
        return None
    _, codes = np.unique([str(each.cluster) for each in given], return_inverse=True)
    return np.asarray(codes)


def _covariance(
    design: ComparisonDesign, chance: Floats, inverse: Floats, clusters: Ints | None, level: float
) -> tuple[Floats, float, int | None]:
    """Covariance, the quantile of the intervals, and how many clusters it rests on."""
    from scipy.stats import norm, t  # type: ignore[import-untyped]  # start-up

    n = 0 if clusters is None else int(clusters.max()) + 1
    if clusters is None or n < 2:
        return inverse, float(norm.ppf((1 + level) / 2)), None
    expected = np.einsum("co,cop->cp", chance, design.outcomes)
    each = design.outcomes[design.cell, design.outcome] - expected[design.cell]
    scores = np.zeros((n, len(design.names)))
    np.add.at(scores, clusters, each)
    middle = scores.T @ scores * (n / (n - 1))
    return inverse @ middle @ inverse, float(t.ppf((1 + level) / 2, n - 1)), n


def _strength(name: str, value: float, variance: float, quantile: float) -> Strength:
    se = math.sqrt(max(float(variance), 0.0))
    return Strength(name, float(value), se, float(value) - quantile * se, float(value) + quantile * se)


def _notes(design: ComparisonDesign, n_clusters: int | None, *, named: bool) -> list[str]:
    notes = []
    if n_clusters is None:
        why = "they all name one cluster" if named else "no cluster is named"
        notes.append(f"Comparisons count as independent: {why}. Intervals are too short where they are not.")
    elif n_clusters < _CLUSTERS_ADVISED:
        notes.append(f"Intervals rest on {n_clusters} clusters; below {_CLUSTERS_ADVISED} they tend to be too short.")
    if "tie" not in design.names:
        notes.append("No comparison was a tie, so none is modelled.")
    return notes
