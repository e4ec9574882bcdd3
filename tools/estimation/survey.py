"""A sample as it was drawn: what each row weighs, and the strata, clusters and stages it came from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tools.errors import InvalidInput
from tools.estimation.calibration import Calibration, calibrate_weights
from tools.estimation.design_columns import (
    Labels,
    first_of,
    label_column,
    nest,
    population_counts,
    probability_column,
    refuse_first,
    sampling_fraction,
    weight_column,
)
from tools.estimation.joint_probabilities import check_joint
from tools.estimation.replicates import Replicates
from tools.estimation.sum_by import count_by
from tools.estimation.tables import Design, Floats, Ints, Lonely
from tools.estimation.unit_design import AnyDesign, SecondStage, Unequal, UnequalMethod, UnitDesign

_SAME = 1e-6  # relative, between a weight and one over its probability


@dataclass(frozen=True, eq=False)
class Survey:
    """The whole sample; every domain of it is estimated from this.

    Attributes:
        weight: (n,) weights, after calibration.
        stratum: (n,) code of each row's stratum, as in `design`.
        cluster: (n,) first-stage unit of each row, 0..M-1; None where rows were drawn directly.
        cluster_stratum: (M,) stratum code of each first-stage unit; None likewise.
        strata: labels of the stratum codes.
        design: for the estimators.
    """

    weight: Floats
    stratum: Ints
    cluster: Ints | None
    cluster_stratum: Ints | None
    strata: NDArray[Any]
    design: AnyDesign

    @property
    def rows(self) -> int:
        """Rows of the whole sample."""
        return len(self.weight)

    @property
    def first(self) -> Design:
        """Strata and first-stage units."""
        return self.design.first if isinstance(self.design, UnitDesign) else self.design


def describe_survey(
    rows: int,
    *,
    weights: ArrayLike | None = None,
    strata: Labels | None = None,
    clusters: Labels | None = None,
    population: ArrayLike | None = None,
    units: Labels | Literal["rows"] | None = None,
    unit_population: ArrayLike | None = None,
    probability: ArrayLike | None = None,
    variance: UnequalMethod | Literal["wr"] = "wr",
    joint: Floats | None = None,
    calibration: Calibration | None = None,
    replicates: Replicates | None = None,
    lonely: Lonely = "fail",
) -> Survey:
    """The design of a sample of `rows` rows, checked.

    Args:
        weights: (n,) above 0. None: 1/π with `probability`, else from the population counts, else 1.
        strata, clusters: (n,) labels; clusters are nested in strata. None: one stratum; rows were drawn.
        population: (n,) first-stage units in the row's stratum of the frame; a value <= 1 is a sampling fraction.
        units: (n,) labels of second-stage units, nested in clusters; "rows": each row is one. None: one stage.
        unit_population: (n,) second-stage units in the row's cluster, as `population`. None: with replacement.
        probability: (n,) inclusion probability of the row's first-stage unit, in (0, 1].
        variance: how to use it; `wr` takes units as drawn with replacement.
        joint: (n, n) or (M, M) joint inclusion probabilities, for `yates-grundy` and `ht`.
        calibration: known totals that weights are fitted to; its `base` is replaced by these weights.
        replicates: variance from replicates. lonely: what a stratum with one cluster adds.

    Raises:
        InvalidInput: lengths that differ; a weight or probability out of range; a count that differs within its
            stratum or cluster, or is smaller than the sample; joint probabilities that cannot be.
    """
    code, labels = _strata(strata, rows)
    cluster = None if clusters is None else nest(code, label_column(clusters, rows, "clusters").code)
    cluster_stratum = None if cluster is None else first_of(code, cluster, int(cluster.max(initial=-1)) + 1)
    drawn_in = code if cluster_stratum is None else cluster_stratum
    drawn = count_by(drawn_in, np.ones(len(drawn_in)), len(labels))
    what = "rows" if cluster is None else "clusters"
    counts = None if population is None else population_counts(population, code, drawn, of=what, within="stratum")
    first = Design(stratum=np.arange(len(labels)), clusters=drawn, population=counts, rows=rows, lonely=lonely)
    second = None if units is None else _second_stage(units, unit_population, cluster, rows)
    pi = None if probability is None else probability_column(probability, rows)
    weight = _weights(weights, pi, first, second, code, cluster)
    unequal = None if variance == "wr" else _unequal(pi, variance, joint, cluster)
    if calibration is not None:
        calibration = replace(calibration, base=weight)
        weight = calibrate_weights(calibration)
    design: AnyDesign = first
    subsampled = second is not None and counts is not None
    if subsampled or unequal is not None or calibration is not None or replicates is not None:
        design = UnitDesign(
            first=first,
            weight=weight,
            cluster=np.arange(rows) if cluster is None else cluster,
            stratum=drawn_in,
            second=second if subsampled else None,
            unequal=unequal,
            calibration=calibration,
            replicates=replicates,
        )
    return Survey(weight, code, cluster, cluster_stratum, labels, design)


def _strata(strata: Labels | None, rows: int) -> tuple[Ints, NDArray[Any]]:
    if strata is None:
        return np.zeros(rows, dtype=np.int64), np.array(["all"], dtype=object)
    found = label_column(strata, rows, "strata")
    return found.code, found.labels


def _second_stage(
    units: Labels | Literal["rows"], population: ArrayLike | None, cluster: Ints | None, rows: int
) -> SecondStage:
    if cluster is None:
        raise InvalidInput("second-stage units need the clusters that they are drawn in")
    size = int(cluster.max(initial=-1)) + 1
    if isinstance(units, str):
        unit, within = np.arange(rows), cluster
    else:
        unit = nest(cluster, label_column(units, rows, "units").code)
        within = first_of(cluster, unit, int(unit.max(initial=-1)) + 1)
    drawn = count_by(within, np.ones(len(within)), size)
    fraction = np.zeros(size)
    if population is not None:
        counts = population_counts(population, cluster, drawn, of="units", within="cluster")
        fraction = sampling_fraction(counts, drawn)
    return SecondStage(unit=unit, cluster=within, drawn=drawn, fraction=fraction)


def _weights(
    weights: ArrayLike | None,
    pi: Floats | None,
    first: Design,
    second: SecondStage | None,
    stratum: Ints,
    cluster: Ints | None,
) -> Floats:
    """As given, 1/π, or from the sampling fractions of all stages."""
    rows = len(stratum)
    if weights is not None:
        weight = weight_column(weights, rows)
        if pi is not None:
            differs = np.abs(weight * pi - 1) > _SAME
            refuse_first(differs, weight, "a weight differs from one over the inclusion probability")
        return weight
    if pi is not None:
        return 1.0 / pi
    if first.population is None:
        return np.ones(rows)
    fraction = sampling_fraction(first.population, first.clusters)[stratum]
    if second is not None and cluster is not None:
        fraction = fraction * second.fraction[cluster]
    refuse_first(fraction <= 0, fraction, "weights cannot follow from population counts that are not all known")
    return 1.0 / fraction


def _unequal(pi: Floats | None, method: UnequalMethod, joint: Floats | None, cluster: Ints | None) -> Unequal:
    if pi is None:
        raise InvalidInput(f"the {method} variance needs inclusion probabilities", value=method)
    if cluster is not None:
        size = int(cluster.max(initial=-1)) + 1
        per_cluster = np.asarray(first_of(pi, cluster, size), dtype=np.float64)
        hint = "They are those of first-stage units; variance wr takes any."
        refuse_first(per_cluster[cluster] != pi, pi, "inclusion probabilities differ within a cluster", hint=hint)
        pi = per_cluster
    if method not in ("yates-grundy", "ht"):
        return Unequal(probability=pi, method=method)
    if joint is None:
        raise InvalidInput(f"the {method} variance needs joint inclusion probabilities", value=method)
    return Unequal(probability=pi, method=method, joint=check_joint(joint, pi, cluster))
