"""A metric query as a model writes it: days inclusive, names checked against what the asker may see."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from agent.planners.embedded import Context
from agent.planners.model.desk import Arguments, NotUsable
from agent.planners.model.search_catalog import visible_dimensions
from tools.figure import Period
from tools.metrics.query import MetricQuery, Where

Names = Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=4)]


class Days(Arguments):
    """A period by its first and last day."""

    first_day: date
    last_day: Annotated[date, Field(description="Included.")]


class MetricArguments(Arguments):
    """One question of the semantic layer."""

    metrics: Annotated[Names, Field(min_length=1, description="Names from search_catalog; usually one.")]
    by: Annotated[Names, Field(description="Dimensions to break down by.")] = ()
    where: Annotated[tuple[Where, ...], Field(max_length=6, description="Conditions, all of which hold.")] = ()
    period: Annotated[Days | None, Field(description="Days to cover; none covers all the data.")] = None
    grain: Literal["day", "week", "month"] | None = None
    compare: Annotated[
        Literal["previous"] | Days | None, Field(description="The period to compare with; previous: the one before.")
    ] = None
    share_over: Annotated[Names, Field(description="Dimensions whose conditions the denominator drops.")] = ()
    order: Literal["desc", "asc"] | None = None
    limit: Annotated[int | None, Field(ge=1, le=50)] = None
    relative: Annotated[
        bool, Field(description="True when the question's period is relative to today, such as last week.")
    ] = False


def read_metric_arguments(arguments: MetricArguments, context: Context) -> MetricQuery:
    """The query; raises NotUsable with what is known instead."""
    for name in arguments.metrics:
        if name not in context.usable:
            raise NotUsable(f"There is no metric {name!r}. Look with search_catalog.")
        known = visible_dimensions(name, context)
        for used in (*arguments.by, *arguments.share_over, *(w.dimension for w in arguments.where)):
            if used not in known:
                raise NotUsable(f"{name} has no dimension {used!r}; it can be cut by {', '.join(known)}.")
    try:
        return MetricQuery(
            metrics=arguments.metrics,
            by=arguments.by,
            where=arguments.where,
            period=_period(arguments.period),
            grain=arguments.grain,
            compare=arguments.compare if isinstance(arguments.compare, str) else _period(arguments.compare),
            share_over=arguments.share_over,
            order=arguments.order,
            limit=arguments.limit,
        )
    except ValidationError as error:
        raise NotUsable("; ".join(e["msg"] for e in error.errors()[:3])) from None


def _period(days: Days | None) -> Period | None:
    return None if days is None else Period(start=days.first_day, end=days.last_day + timedelta(days=1))
