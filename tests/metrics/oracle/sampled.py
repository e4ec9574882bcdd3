"""Estimates from a stratified sample of clusters: value, and the error by the formula of docs/statistics.md."""

from __future__ import annotations

import math
from collections import defaultdict

from tests.metrics.oracle.cell import Cell
from tests.metrics.oracle.rows import Ints, Rows, holds
from tools.metrics.definitions import Average, Count, Dataset, Metric, Prevalence, Proportion, Sum

Strata = dict[object, tuple[list[object], float]]


def estimate(metric: Metric, at: Ints, dataset: Dataset, rows: Rows) -> Cell:
    """A share, mean or total of the frame from the sampled rows of one cell."""
    from scipy.stats import t  # type: ignore[import-untyped]

    design = dataset.design
    assert design is not None and design.weight and design.fpc  # noqa: PT018
    used = [(i, y) for i in at.tolist() if (y := _outcome(metric, i, dataset, rows)) is not None]
    if not used:
        return Cell(None, n=0, sampled=True)
    weight = {i: float(_value(design.weight, i, dataset, rows)) for i, _ in used}
    sum_w = math.fsum(weight.values())
    sum_wy = math.fsum(weight[i] * y for i, y in used)
    total = isinstance(metric, (Count, Sum))
    mean = sum_wy / sum_w
    influence: dict[tuple[object, object], float] = defaultdict(float)
    for i, y in used:
        influence[_drawn_as(i, dataset, rows)] += weight[i] * (y if total else (y - mean) / sum_w)
    variance = _variance(influence, dataset, rows)
    df = len(influence) - len({stratum for stratum, _ in influence})
    positives = round(sum(y for _, y in used)) if isinstance(metric, (Proportion, Prevalence)) else None
    one_sided = positives in (0, len(used))
    if df < 1 and not one_sided:
        return Cell(None, n=len(used), positives=positives, sampled=True, thin=True, sum_wy=sum_wy)
    n = len(used)
    if one_sided:  # all or none positive: bounded by the design, however few clusters, without a standard error
        return Cell(mean, n=n, positives=positives, sampled=True, no_error=True)
    spread = n / (n - 1) * math.fsum(weight[i] * (y - mean) ** 2 for i, y in used) / sum_w
    constant = len({y for _, y in used}) == 1
    return Cell(
        sum_wy if total else mean,
        n=n,
        positives=positives,
        sampled=True,
        n_eff=spread / variance if not constant and not total else None,
        half_width=float(t.ppf(0.975, df)) * math.sqrt(variance) if positives is None else None,
    )


def _outcome(metric: Metric, row: int, dataset: Dataset, rows: Rows) -> float | None:
    if isinstance(metric, Count):
        return 1.0
    if isinstance(metric, (Proportion, Prevalence)):
        value = _value(metric.positive.column, row, dataset, rows)
        return None if value is None else float(holds(metric.positive, value, strict=True))
    assert isinstance(metric, (Sum, Average))
    value = _value(metric.column, row, dataset, rows)
    return None if value is None else float(value)


def _variance(influence: dict[tuple[object, object], float], dataset: Dataset, rows: Rows) -> float:
    """Σ_h (1 - f_h) m_h/(m_h - 1) Σ_c (z_hc - z̄_h)², over all clusters drawn; those outside of the cell have z = 0."""
    total = 0.0
    for stratum, (clusters, population) in _strata(dataset, rows).items():
        drawn = len(clusters)
        z = [influence.get((stratum, c), 0.0) for c in clusters]
        centre = math.fsum(z) / drawn
        spread = math.fsum((x - centre) ** 2 for x in z)
        total += (1 - drawn / population) * drawn / (drawn - 1) * spread if drawn > 1 else 0.0
    return total


def _strata(dataset: Dataset, rows: Rows) -> Strata:
    """Of every stratum its drawn clusters and how many there are."""
    known: Strata | None = rows.kept_for_later.get(dataset.name)
    if known is None:
        known = rows.kept_for_later[dataset.name] = _read_strata(dataset, rows)
    return known


def _read_strata(dataset: Dataset, rows: Rows) -> Strata:
    design = dataset.design
    assert design is not None and design.fpc  # noqa: PT018
    drawn: dict[object, dict[object, float]] = defaultdict(dict)
    for row in range(len(rows.column(dataset, design.fpc).codes)):
        stratum, cluster = _drawn_as(row, dataset, rows)
        drawn[stratum][cluster] = float(_value(design.fpc, row, dataset, rows))
    return {s: (list(clusters), next(iter(clusters.values()))) for s, clusters in drawn.items()}


def _drawn_as(row: int, dataset: Dataset, rows: Rows) -> tuple[object, object]:
    """Stratum and cluster of a row; without the columns one stratum, and every row a cluster of its own."""
    design = dataset.design
    assert design is not None
    stratum = _value(design.strata, row, dataset, rows) if design.strata else None
    return stratum, _value(design.cluster, row, dataset, rows) if design.cluster else row


def _value(name: str, row: int, dataset: Dataset, rows: Rows) -> float:
    column = rows.column(dataset, name)
    return column.values[column.codes[row]]  # type: ignore[no-any-return]
