"""One metric divided by another that nobody has combined yet: each counted on its own rows, then divided."""

from __future__ import annotations

from dataclasses import replace

from tools.errors import Declined
from tools.metrics.catalog import Catalog
from tools.metrics.definitions import Count, Derived, Distinct, Metric, Sum
from tools.metrics.query import MetricQuery


def divide(query: MetricQuery, catalog: Catalog) -> tuple[MetricQuery, Catalog]:
    """The query with `per` worked into its metrics, and a catalog that knows those ratios.

    Neither side is joined to the other, so that no row counts twice and none without a match is lost.

    Raises:
        Declined: `unsupported_cut` for sides that are not full counts, totals or distinct counts.
    """
    if query.per is None:
        return query, catalog
    ratios = [ratio_of(name, query.per, catalog) for name in query.metrics]
    known = {**catalog.metrics, **{ratio.name: ratio for ratio in ratios}}
    names = tuple(ratio.name for ratio in ratios)
    return query.model_copy(update={"metrics": names, "per": None}), replace(catalog, metrics=known)


def ratio_of(metric: str, per: str, catalog: Catalog) -> Derived:
    """The ratio of two metrics as a definition. Raises Declined, as `divide`."""
    top, bottom = catalog.metric(metric), catalog.metric(per)
    for side in (top, bottom):
        if not divides(side, catalog):
            raise Declined(
                f"{side.name!r} cannot be a side of a ratio made up on the way: only full counts and totals can.",
                reason="unsupported_cut",
                value=side.name,
                hint="Have the ratio defined as a metric.",
            )
    return Derived(
        name=f"{metric}_per_{per}",
        kind="derived",
        op="ratio",
        metrics=(metric, per),
        unit="ratio" if isinstance(top, Count | Distinct) or top.unit in (None, "count") else top.unit,
        owner=top.owner,
        min_n=max(top.min_n, bottom.min_n),
        description=f"{_words(metric)} divided by {_words(per).lower()}, each counted on its own rows.",
    )


def divides(metric: Metric, catalog: Catalog) -> bool:
    """Whether a metric may be a side: rows, totals or different values, counted in full and additive in time."""
    if not isinstance(metric, Count | Sum | Distinct):
        return False
    stock = isinstance(metric, Count | Sum) and metric.semi_additive is not None
    return not stock and all(d.design is None for d in catalog.datasets_of(metric.name))


def _words(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
