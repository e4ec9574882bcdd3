"""Data too old for a question about "last week"."""

from __future__ import annotations

from datetime import date

from agent.state import DeclinePlan, QueryPlan
from tools.metrics.catalog import catalog_of
from tools.metrics.profile import profile_of
from tools.reporting.format import format_name
from tools.reporting.prose import render
from tools.workspace import Workspace


def find_stale(plan: QueryPlan, *, workspace: Workspace) -> DeclinePlan | None:
    """A relative period needs data that is recent enough for the metric's owner."""
    if not plan.relative:
        return None
    catalog, profile = catalog_of(workspace), profile_of(workspace)
    for name in (*plan.query.metrics, *([plan.query.per] if plan.query.per is not None else [])):
        limit = catalog.metrics[name].stale_after_days
        last = profile.datasets[catalog.base_dataset(name).name].last
        if limit is not None and last is not None and (age := (workspace.today() - last).days) > limit:
            return _decline_stale(name, last, age, limit, catalog.metrics[name].owner)
    return None


def _decline_stale(name: str, last: date, age: int, limit: int, owner: str) -> DeclinePlan:
    message = render(
        "The newest data for {metric} is from {last}, {age} days ago; its owner allows {limit}.",
        metric=format_name(name),
        last=last.isoformat(),
        age=str(age),
        limit=str(limit),
    )
    return DeclinePlan(
        reason="stale",
        message=message,
        next_steps=(
            render("Ask for days up to {last}, which the data covers.", last=last.isoformat()),
            render("Have the data refreshed: {owner} owns this metric.", owner=owner)
            if owner
            else "Have the data refreshed.",
        ),
    )
