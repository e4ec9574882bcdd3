"""A query in words, with its time, as one of several choices."""

from __future__ import annotations

from agent.planners.embedded import Context
from agent.planners.embedded.ask_back import label_query
from tools.metrics.query import MetricQuery
from tools.reporting.format import format_period


def label_reading(query: MetricQuery, context: Context) -> str:
    """Metric, breakdown and conditions, then grain, period and comparison."""
    grain = f" per {query.grain}" if query.grain is not None else ""
    against = ""
    if query.compare is not None:
        other = None if isinstance(query.compare, str) else query.compare
        against = " against " + ("the period before" if other is None else format_period(other))
    return f"{label_query(query, context)}{grain}, {format_period(query.period)}{against}"
