"""What a reader should know about an answer before relying on it."""

from __future__ import annotations

from collections.abc import Sequence

from tools.metrics.buckets import data_period, describe_ends, whole_months
from tools.metrics.check_metric import columns_of
from tools.metrics.definitions import Change, Derived, Metric, Predicate
from tools.metrics.evaluate import metric_times
from tools.metrics.other_spellings import other_spellings
from tools.metrics.panel import Panel
from tools.metrics.query import MetricQuery
from tools.metrics.session import Session
from tools.metrics.usage import leaves_of

_NOTABLE = 0.05  # share of rows without a value that is worth a word


def caveats_of(query: MetricQuery, panels: Sequence[Panel], session: Session) -> tuple[str, ...]:
    """Incomplete periods, missing values and times, young periods, notes of the estimators, the owners' caveats."""
    found = list(session.caveats)
    for panel in panels:
        leaves = leaves_of(panel.metric.name, session.catalog)
        for leaf in leaves:
            found += _missing_values(leaf, session)
            if query.period is not None or query.grain is not None:
                found += _missing_times(leaf, session)
        found += _missing_keys(panel, session, shown=query.having is None)
        found += other_spellings(query, panel.metric.name, session)
        found += _cut_short(panel, session)
        found += _young(panel, leaves)
        found += _restated(panel, (panel.metric, *leaves), session)
        found += [note for cell in panel.cells.values() for note in cell.notes]
        for metric in dict.fromkeys((panel.metric.name, *(m.name for m in leaves))):
            found += session.catalog.metric(metric).caveats
    return tuple(dict.fromkeys(found))


def _missing_values(metric: Metric, session: Session) -> list[str]:
    """Rows whose column is NULL are left out of averages, shares and the like."""
    found = []
    for keys, of, column in columns_of(metric):
        if keys[0] not in ("column", "positive", "numerator", "denominator", "label") or "where" in keys:
            continue
        profile = session.profile.datasets[of]
        missing = profile.column_nulls.get(column, 0)
        if profile.rows and missing / profile.rows > _NOTABLE:
            share = f"{100 * missing / profile.rows:.1f}%"
            found.append(f"{share} of all rows of {of} have no {column}; they are left out.")
    return found


def _missing_times(metric: Metric, session: Session) -> list[str]:
    return [
        f"{time.missing:,} rows of {name} have no time and belong to no period."
        for name, time in metric_times(metric, session)
        if time.missing
    ]


def _missing_keys(panel: Panel, session: Session, *, shown: bool) -> list[str]:
    """A dimension that many of the rows lack: seen in the cells where it is grouped by, else in the profile.

    Args:
        shown: every group is; else a share of all of them is none of what is shown.
    """
    found = []
    offset = 1 if panel.cut.grain is not None else 0
    total = sum(c.n or 0 for c in panel.cells.values())
    for i, key in enumerate(panel.cut.keys):
        missing = sum(c.n or 0 for k, c in panel.cells.items() if k[offset + i] is None)
        if total and missing / total > _NOTABLE and not panel.shared and shown:
            found.append(f"{100 * missing / total:.1f}% of the rows have no {key.name}; they are a row of their own.")
    for condition in panel.cut.conditions:
        ref = condition.refs[0]
        profile = session.profile.datasets[ref.dataset]
        missing = profile.nulls.get(ref.dimension.name, 0)
        if condition.kind != "is_null" and profile.rows and missing / profile.rows > _NOTABLE:
            share = f"{100 * missing / profile.rows:.1f}%"
            found.append(f"{share} of all rows of {ref.dataset} have no {condition.name}.")
    return found


def _cut_short(panel: Panel, session: Session) -> list[str]:
    """Weeks and months that the data begins or ends in, where no period was asked for that says so."""
    if panel.cut.grain is None or panel.cut.period is not None:
        return []
    covered = data_period([t for _, t in metric_times(panel.metric, session)])
    return describe_ends(panel.cut.grain, covered) if covered is not None else []


def _restated(panel: Panel, metrics: Sequence[Metric], session: Session) -> list[str]:
    """Days before a version that were counted again by it: they differ from what was published then."""
    covered = panel.cut.period or data_period([t for _, t in metric_times(panel.metric, session)])
    starts = [p.start for p in (covered, panel.old_period) if p is not None]
    changes = {(m.name, c): None for m in metrics for c in m.history if c.restated and starts and min(starts) < c.from_}
    return [
        f"Days before {c.from_} are counted again by version {c.version} of {name}: {c.note.rstrip('.')}. They differ "
        "from what was published then."
        for name, c in changes
    ]


def _young(panel: Panel, leaves: Sequence[Metric]) -> list[str]:
    cells = [*panel.cells.values(), *(panel.old or {}).values()]
    lags = [m.maturity.lag_days for m in (panel.metric, *leaves) if m.maturity is not None]
    if not any(lags) or not any(c.provisional for c in cells):
        return []
    when = f"the last {lags[0]} days" if panel.metric.maturity is not None else "the newest days"
    return [f"Provisional: figures that include {when} of data may still change."]


def assumptions_of(query: MetricQuery, panels: Sequence[Panel], session: Session) -> tuple[str, ...]:
    """Required filters that were applied, what `previous` meant, when weeks begin."""
    found = []
    for panel in panels:
        for dataset in session.catalog.datasets_of(panel.metric.name):
            found += [f"Only rows of {dataset.name} where {describe_predicate(p)}." for p in dataset.where]
        for leaf in leaves_of(panel.metric.name, session.catalog):
            if not isinstance(leaf, (Derived, Change)):
                found += [f"{leaf.name} counts only rows where {describe_predicate(p)}." for p in leaf.where]
        if query.compare == "previous" and panel.old_period is not None:
            old = panel.old_period
            days = f"{old.start} up to, not including, {old.end}"
            months = whole_months(old) if query.period is not None and whole_months(query.period) else 0
            span = {1: "calendar month", 3: "three months", 6: "six months", 12: "twelve months"}
            before = f"{span[months]} before" if months in span else f"{old.days} days just before"
            found.append(f"Compared with the {before}: {days}.")
    if query.grain == "week":
        found.append("Weeks are ISO weeks and begin on Monday.")
    return tuple(dict.fromkeys(found))


def describe_predicate(predicate: Predicate) -> str:
    """A condition in words."""
    column = predicate.column
    if predicate.is_null is not None:
        return f"{column} is {'missing' if predicate.is_null else 'present'}"
    words = {
        "equals": "is",
        "not_equals": "is not",
        "in_": "is one of",
        "not_in": "is none of",
        "above": "is above",
        "at_least": "is at least",
        "below": "is below",
        "at_most": "is at most",
    }
    name = next(k for k in words if getattr(predicate, k) is not None)
    value = getattr(predicate, name)
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else f"{value}"
    return f"{column} {words[name]} {text}"
