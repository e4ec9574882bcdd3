"""The flags of `metrics query` as a MetricQuery."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Literal

from pydantic import ValidationError

from tools.access import Asker
from tools.errors import Declined, InvalidInput
from tools.figure import Period
from tools.metrics import MetricQuery, Where
from tools.workspace import Workspace

_CONDITION = re.compile(r"\s*(?P<dimension>[^=!<>]+?)\s*(?P<operator>!=|>=|<=|=|>|<)\s*(?P<value>.*?)\s*", re.DOTALL)
_BOUNDS = {">": "above", ">=": "at_least", "<": "below", "<=": "at_most"}


def read_query(
    names: str,
    *,
    by: Sequence[str],
    where: Sequence[str],
    from_: str | None,
    to: str | None,
    grain: Literal["day", "week", "month"] | None,
    compare: Literal["previous"] | None,
    workspace: Workspace,
    asker: Asker,
) -> MetricQuery:
    """The query that the flags describe; InvalidInput names the flag that cannot be read.

    Raises:
        Declined: an end of the period was left to the data, whose days the asker may not know.
    """
    metrics = [name.strip() for name in names.split(",") if name.strip()]
    try:
        return MetricQuery(
            metrics=tuple(metrics),
            by=tuple(by),
            where=read_conditions(where),
            period=_read_period(from_, to, metrics, workspace, asker),
            grain=grain,
            compare=compare,
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(
            f"This is not a query: {first['msg']}", value=first.get("input"), hint="transect metrics query --help"
        ) from None


def read_conditions(texts: Sequence[str]) -> tuple[Where, ...]:
    """`D=V` texts as conditions. Equalities on one dimension are alternatives; everything else must hold."""
    listed: dict[tuple[str, str], list[str]] = {}
    single: list[Where] = []
    for text in texts:
        found = _CONDITION.fullmatch(text)
        if found is None:
            raise InvalidInput(
                f"--where cannot read {text!r}",
                code="usage",
                value=text,
                allowed=["D=V", "D!=V", "D>V", "D>=V", "D<V", "D<=V", "D="],
            )
        dimension, operator, value = found["dimension"], found["operator"], found["value"]
        if operator in _BOUNDS:
            single.append(Where.model_validate({"dimension": dimension, _BOUNDS[operator]: _read_number(text, value)}))
        elif not value:
            single.append(Where(dimension=dimension, is_null=operator == "="))
        else:
            listed.setdefault((dimension, "in" if operator == "=" else "not_in"), []).append(value)
    several: list[dict[str, Any]] = [{"dimension": d, key: values} for (d, key), values in listed.items()]
    return (*(Where.model_validate(fields) for fields in several), *single)


def _read_number(text: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise InvalidInput(f"--where {text!r} needs a number after the sign", code="usage", value=value) from None


def _read_period(
    from_: str | None, to: str | None, metrics: Sequence[str], workspace: Workspace, asker: Asker
) -> Period | None:
    """Both ends; the data's first or newest day stands in for the one that is missing."""
    if from_ is None and to is None:
        return None
    start, end = _read_day("--from", from_), _read_day("--to", to)
    if start is None or end is None:
        first, last = _range_of_data(metrics, workspace, asker)
        start, end = start or first, end or last + timedelta(days=1)
    if end <= start:
        raise InvalidInput(
            f"The period ends before it starts: from {start} to {end}",
            value=f"{start} to {end}",
            hint="--to is the day after the last one",
        )
    return Period(start=start, end=end)


def _read_day(flag: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            f"{flag} is not a date: {text!r}", code="usage", value=text, hint="Write it as 2026-03-01."
        ) from None


def _range_of_data(metrics: Sequence[str], workspace: Workspace, asker: Asker) -> tuple[date, date]:
    from tools.access import decide  # start-up
    from tools.metrics import catalog_of, find_metric, metric_usage, profile_of, time_usage

    catalog, policy = catalog_of(workspace), workspace.settings.access
    name = find_metric(metrics[0] if metrics else "", catalog, asker=asker, policy=policy).name
    dataset = catalog.base_dataset(name)
    for usage in (metric_usage(name, catalog), *([time_usage(dataset, dataset.time)] if dataset.time else [])):
        allowed = decide(asker, usage, policy)
        if isinstance(allowed, Declined):
            raise allowed
    profile = profile_of(workspace).datasets[dataset.name]
    if profile.first is None or profile.last is None:
        raise InvalidInput(
            f"{dataset.name} has no times, so give no period, or both --from and --to", value=dataset.name
        )
    return profile.first, profile.last
