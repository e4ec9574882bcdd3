"""Tool: definitions that resemble some words."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from agent.planners.embedded import Context
from agent.planners.model.desk import Arguments, Desk, Told, Tool
from tools.metrics.definitions import Metric

_MOST = 8
_LEAST_SCORE = 55


class SearchCatalog(Arguments):
    """Words to look for."""

    words: Annotated[str, Field(min_length=1, max_length=200, description="What the metric is about, in a few words.")]


def search_catalog(arguments: SearchCatalog, desk: Desk) -> Told:
    """The nearest metrics with what they mean and can be cut by, and dimensions and values of that name."""
    context = desk.context
    metrics = [_describe(m, context) for m in _near_metrics(arguments.words, context)]
    others: list[dict[str, Any]] = [
        {"phrase": phrase, "kind": entry.kind, "name": entry.name, "of": entry.dataset}
        | ({"value": entry.value} if entry.value is not None else {})
        for phrase, entry in context.words_near(arguments.words, kinds=("dimension", "value", "measure"), limit=_MOST)
        if f"{entry.dataset}.{entry.name}" in context.columns
    ]
    return Told({"metrics": metrics, "other names": others}, "Searched the definitions")


def visible_metrics(context: Context) -> list[Metric]:
    """Every metric that may be asked for."""
    return [m for name, m in context.catalog.metrics.items() if name in context.usable]


def visible_dimensions(metric: str, context: Context) -> list[str]:
    """What a metric can be cut by, as far as it may be seen."""
    known = context.catalog.dimensions_for(metric)
    return [name for name, ref in known.items() if f"{ref.dataset}.{ref.dimension.name}" in context.columns]


def _near_metrics(words: str, context: Context) -> list[Metric]:
    from rapidfuzz import fuzz  # start-up

    def score(metric: Metric) -> float:
        texts = (metric.name.replace("_", " "), *metric.synonyms, metric.description)
        return max(fuzz.token_set_ratio(words.casefold(), t.casefold()) for t in texts if t)

    scored = sorted(((score(m), m.name, m) for m in visible_metrics(context)), key=lambda s: (-s[0], s[1]))
    return [m for points, _, m in scored if points >= _LEAST_SCORE][:_MOST]


def _describe(metric: Metric, context: Context) -> dict[str, Any]:
    return {
        "name": metric.name,
        "kind": metric.kind,
        "means": metric.description,
        "also called": list(metric.synonyms[:6]),
        "can be cut by": visible_dimensions(metric.name, context),
        "has periods": context.has_time(metric.name),
    }


SEARCH_CATALOG = Tool(
    "search_catalog",
    "Find metrics, dimensions and values by words. Give the result's names exactly as they are to the other tools.",
    SearchCatalog,
    search_catalog,
)
