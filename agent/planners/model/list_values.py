"""Tool: the values of a dimension."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agent.planners.model.desk import Arguments, Desk, NotUsable, Told, Tool
from agent.planners.model.search_catalog import visible_dimensions
from tools.reporting.format import clean_text

_MOST = 50
_MOST_CHARACTERS = 80


class ListValues(Arguments):
    """A dimension of a metric."""

    metric: Annotated[str, Field(max_length=200, description="The metric that is to be cut.")]
    dimension: Annotated[str, Field(max_length=200, description="One of the names that it can be cut by.")]


def list_values(arguments: ListValues, desk: Desk) -> Told:
    """The most frequent values that the asker may see."""
    context = desk.context
    if arguments.metric not in context.usable:
        raise NotUsable(f"There is no metric {arguments.metric!r}. Look with search_catalog.")
    if arguments.dimension not in (names := visible_dimensions(arguments.metric, context)):
        raise NotUsable(f"{arguments.metric} has no dimension {arguments.dimension!r}; it has {', '.join(names)}.")
    ref = context.catalog.dimensions_for(arguments.metric)[arguments.dimension]
    values = context.profile.datasets[ref.dataset].values.get(ref.dimension.name, ())
    shown = [clean_text(v)[:_MOST_CHARACTERS] if isinstance(v, str) else v for v, _ in values[:_MOST]]
    data = {"dimension": arguments.dimension, "values": shown, "more": max(len(values) - len(shown), 0)}
    return Told(data, f"Looked at the values of {arguments.dimension}")


LIST_VALUES = Tool("list_values", "The values that a dimension of a metric has.", ListValues, list_values)
