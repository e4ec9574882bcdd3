"""Values that differ in case or white space alone: a filter or a breakdown takes them for different things."""

from __future__ import annotations

from tools.metrics.query import MetricQuery
from tools.metrics.session import Session


def other_spellings(query: MetricQuery, metric: str, session: Session) -> list[str]:
    """What a reader should know of them, for the dimensions that are filtered or grouped by.

    Nothing where small cells are hidden: that a rare value exists is something the role may not see.
    """
    if session.guarded:
        return []
    found = [
        f"{name} is written {' and '.join(group)}: they are groups of their own."
        for name in query.by
        for group in _groups(name, metric, session).values()
        if len(group) > 1
    ]
    for where in query.where:
        asked = {v for v in (*(where.in_ or ()), *(where.not_in or ())) if isinstance(v, str)}
        groups = _groups(where.dimension, metric, session) if asked else {}
        found += [
            f"\u201c{value}\u201d of {where.dimension} is another value and is not among what was asked for."
            for key in sorted({_fold(v) for v in asked})
            for value in groups.get(key, ())
            if value not in asked
        ]
    return found


def _groups(name: str, metric: str, session: Session) -> dict[str, list[str]]:
    """The texts that a dimension holds, by what they have in common; none for one that is not of this metric."""
    ref = session.catalog.dimensions_for(metric).get(name)
    groups = dict[str, list[str]]()
    for value, _ in session.profile.datasets[ref.dataset].values.get(ref.dimension.name, ()) if ref else ():
        if isinstance(value, str):
            groups.setdefault(_fold(value), []).append(value)
    return groups


def _fold(value: str) -> str:
    return " ".join(value.casefold().split())
