"""Questions about the catalog itself: what a metric means, which metrics there are, how fresh the data is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.planners.embedded.context import Context
from agent.planners.embedded.lexicon import Entry
from agent.planners.embedded.patterns import read_pattern
from agent.planners.embedded.spans import Item
from agent.state import ExplainPlan, FreshnessPlan, ListPlan, Plan

_EXPLAIN = read_pattern("explain")
_LIST = read_pattern("list")
_LIST_DIMENSIONS = read_pattern("list_dimensions")
_LIST_VALUES = read_pattern("list_values")
_FRESH = read_pattern("fresh")


def find_meta(text: str, context: Context) -> Plan | None:
    """A plan for a question about the catalog, or None."""
    if _LIST_DIMENSIONS.search(text):
        metrics = _metrics_in(text, context)
        return ListPlan(what="dimensions", names=metrics)
    if _LIST.match(text.strip()):
        return ListPlan(what="metrics")
    if _FRESH.search(text) and not _measured(text, context):
        return FreshnessPlan(datasets=_datasets_in(text, context))
    return _explain(text, context) or _values(text, context)


def _entries(text: str, context: Context) -> tuple[Sequence[Item], list[Entry]]:
    items = context.cut(text).items
    return items, [e for i in items for e in i.entries]


def _explain(text: str, context: Context) -> ExplainPlan | None:
    match = _EXPLAIN.match(text.strip())
    if match is None:
        return None
    phrase = next(g for g in match.groups() if g)
    items, _ = _entries(phrase, context)
    if any(i.kind in ("unknown", "time", "number") for i in items):
        return None
    named = [i for i in items if i.kind == "entry"]
    if not named:
        return None
    names: dict[str, None] = {}
    for item in named:
        for entry in item.of_kind("metric"):
            names[entry.name] = None
    if not names:
        for item in named:
            for entry in item.of_kind("measure", "dimension", "dataset"):
                names[f"{entry.dataset}.{entry.name}" if entry.kind != "dataset" else entry.name] = None
    return ExplainPlan(names=tuple(names)[:4]) if names else None


def _values(text: str, context: Context) -> ListPlan | None:
    match = _LIST_VALUES.match(text.strip())
    if match is None:
        return None
    items, entries = _entries(next(g for g in match.groups() if g), context)
    if len([i for i in items if i.kind not in ("filler",)]) != 1:
        return None
    dimensions = [f"{e.dataset}.{e.name}" for e in entries if e.kind == "dimension"]
    if any(e.kind in ("metric", "measure") for e in entries) and not re.match(
        r"(?i)^(which|list|name|values|what values)", text.strip()
    ):
        return None
    return ListPlan(what="values", names=tuple(dict.fromkeys(dimensions))[:4]) if dimensions else None


def _metrics_in(text: str, context: Context) -> tuple[str, ...]:
    _, entries = _entries(text, context)
    found = [e.name for e in entries if e.kind == "metric"]
    if not found:
        found = [m for e in entries if e.kind == "dataset" for m in context.count_metrics(e.name)]
    return tuple(dict.fromkeys(found))[:4]


def _measured(text: str, context: Context) -> bool:
    """`how old are accounts on average` measures; `how recent is the data` does not."""
    items, _ = _entries(text, context)
    return any(i.is_op("average", "median", "count", "share", "total", "by") for i in items)


def _datasets_in(text: str, context: Context) -> tuple[str, ...]:
    _, entries = _entries(text, context)
    named = [e.dataset for e in entries if e.kind == "dataset"]
    named += [context.catalog.base_dataset(e.name).name for e in entries if e.kind == "metric"]
    if not named:
        named = [e.dataset for e in entries if e.kind in ("measure", "dimension")]
    return (
        tuple(dict.fromkeys(named))
        or tuple(n for n, d in context.catalog.datasets.items() if d.time is not None)
        or tuple(context.catalog.datasets)
    )
