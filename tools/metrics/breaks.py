"""Days from which on a metric measures something else: a policy or a definition changed, and old rows were kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tools.figure import Break, Figure
from tools.metrics.catalog import Catalog
from tools.metrics.definitions import Metric, Prevalence, VersionChange
from tools.metrics.profile import Profile
from tools.metrics.query import MetricQuery
from tools.metrics.usage import leaves_of

if TYPE_CHECKING:
    from tools.workspace.events import Happening

BREAKING = frozenset({"policy_change", "definition_change"})


def find_breaks(
    query: MetricQuery,
    figures: Sequence[Figure],
    *,
    events: Sequence[Happening],
    catalog: Catalog,
    profile: Profile,
) -> tuple[Break, ...]:
    """The breaks inside the days that the figures cover; a change on the first day is none.

    A version in a metric's own history breaks its series unless the days before were counted again by it. An event
    bears on a metric when its scope is `all`, names the metric or one of its datasets, or is a policy that the metric's
    words name or that its rows carry in a dimension called `policy`.
    """
    spans = [f.period for f in figures if f.period is not None]
    if not spans:
        return ()
    start, end = min(s.start for s in spans), max(s.end for s in spans)
    happened = [
        Break(day=event.date, name=event.name)
        for event in events
        if event.kind in BREAKING
        and start < event.date < end
        and any(_bears_on(event.scope, name, query, catalog, profile) for name in query.metrics)
    ]
    versions = [
        Break(day=change.from_, name=f"{metric.name} became version {change.version}: {change.note}")
        for metric, change in history_of(query, catalog)
        if start < change.from_ < end and not change.restated
    ]
    return tuple(sorted([*happened, *versions], key=lambda mark: mark.day))


def history_of(query: MetricQuery, catalog: Catalog) -> list[tuple[Metric, VersionChange]]:
    """Every dated version of the metrics of a query, and of those they are made of."""
    named = (*query.metrics, *([query.per] if query.per is not None else []))
    read = {m.name: m for name in named for m in (catalog.metric(name), *leaves_of(name, catalog))}
    return [(metric, change) for metric in read.values() for change in metric.history]


def _bears_on(scope: str, metric: str, query: MetricQuery, catalog: Catalog, profile: Profile) -> bool:
    noun, _, name = scope.strip().partition(" ")
    if noun == "all":
        return True
    leaves = leaves_of(metric, catalog)
    rows = {d.name for leaf in leaves for d in catalog.datasets_of(leaf.name)}
    if noun == "policy" and name:
        return any(_under(name, leaf, query, catalog, profile) for leaf in leaves)
    return (name or noun) in {metric, *(leaf.name for leaf in leaves), *rows}


def _under(policy: str, metric: Metric, query: MetricQuery, catalog: Catalog, profile: Profile) -> bool:
    held = next((w for w in query.where if w.dimension.split(".")[-1] == "policy"), None)
    if held is not None and held.in_ is not None and policy not in held.in_:
        return False
    if held is not None and held.not_in is not None and policy in held.not_in:
        return False
    if isinstance(metric, Prevalence) and _names(policy, metric):
        return True
    base = catalog.base_dataset(metric.name)
    values = profile.datasets[base.name].values.get("policy", ())
    return any(str(value) == policy for value, _ in values)


def _names(policy: str, metric: Metric) -> bool:
    text = " ".join((metric.name.replace("_", " "), metric.description, *metric.caveats, *metric.synonyms))
    return re.search(rf"(?i)\b{re.escape(policy)}\b", text) is not None
