"""Units of metrics made of other metrics."""

from __future__ import annotations

from tools.figure import Unit
from tools.metrics.catalog import Catalog
from tools.metrics.definitions import Change, Derived, Metric
from tools.metrics.outcome import unit_of


def unit_for(metric: Metric, catalog: Catalog) -> Unit:
    """As stated; a sum or difference keeps the unit of its parts, a relative change is a share."""
    if metric.unit is not None:
        return metric.unit
    if isinstance(metric, Change):
        return "share" if metric.relative else unit_for(catalog.metric(metric.metric), catalog)
    if isinstance(metric, Derived):
        units = {unit_for(catalog.metric(name), catalog) for name in metric.metrics}
        return units.pop() if metric.op in ("sum", "difference") and len(units) == 1 else "ratio"
    return unit_of(metric)
