"""Questions about the catalog itself: what a metric means, which metrics there are, how fresh the data is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.planners.embedded.context import Context
from agent.planners.embedded.lexicon import Entry
from agent.planners.embedded.spans import Item, cut_question
from agent.state import ExplainPlan, FreshnessPlan, ListPlan, Plan

_EXPLAIN = re.compile(
    r"(?i)^(?:so |hey |please |pls |can you |could you |hi )*(?:what(?:'s| is| are|s)? (?:is |the )?(?:definition|meaning) of|define|explain|describe|definition of|meaning of|what do(?:es)? (?:you mean by|we mean by)|what is meant by|what counts as(?: an?)?|how (?:is|are|do you|do we|does one) (?:the )?(?:define|calculate|compute|measure|count)(?:d)?|tell me what) (?P<x>.+?)(?: mean| means)?\W*$"
    r"|^(?:so |hey |please |hi )*(?:what|wat) (?:do|does) (?:the |an? )?(?P<y>.+?) (?:mean|stand for|measure|refer to|represent)\b(?: here| exactly| in this data(?:set)?)?\W*$"
    r"|^(?:so |hey |please |hi )*how (?:is|are) (?:the |an? )?(?P<z>.+?) (?:defined|calculated|computed|measured|worked out|counted)\W*$"
    r"|^(?P<v>.+?) (?:definition|meaning)\W*$"
    r"|^what(?:'s|s| is) (?P<w>.+?)'?s? (?:definition|meaning)\W*$"
)
_LIST = re.compile(
    r"(?i)^(?:so |hey |please |pls |hi |ok )*(?:(?:which|what|list|show|give|tell me)(?: me)?(?: all)?(?: (?:of )?the| your| our| available)*(?: kind of| kinds of| sort of)? (?:metrics?|measures|numbers|kpis?|definitions)(?: (?:are there|exist|do (?:you|we) have|are available|can i (?:ask|use|query|see)(?: for| about)?|is there|are defined|have you got|you have|available|there are|do you know|can you (?:answer|compute|give me)|are in (?:here|the catalog|this workspace)|could i ask(?: for| about)?).*)?"
    r"|what (?:all )?can (?:i|you|we) (?:ask|do|measure|answer|query|help with|know|tell me)(?: you| for| about| here| me)*.*|help(?: me)?(?: please)?|what (?:are you able to|do you know|data (?:do (?:you|we) have|is (?:there|available|in here)|are there))(?: do| about)?.*|what (?:questions|things) can .*|metrics|catalog|show catalog|list everything|what is in (?:here|the catalog|this (?:data|workspace|dataset|file)).*|what'?s in (?:here|the catalog|this (?:data|workspace|dataset|file)).*)\W*$"
)
_LIST_DIMENSIONS = re.compile(
    r"(?i)\b(?:which|what|list|show)(?: me)?(?: all)?(?: the)? (?:dimensions?|breakdowns?|cuts?|slices?|filters?|columns?|fields?)\b|what can (?:i|we|it|this) (?:break|slice|split|filter|cut|group).*"
)
_LIST_VALUES = re.compile(
    r"(?i)^(?:so |hey |please |hi )*(?:(?:which|what)(?: are)?(?: all)?(?: the)?(?: different| possible| distinct| available)* (?P<a>.+?) (?:are there|exist|do (?:we|you) have|are in (?:the data|here|this .+)|is there|are available|are possible|occur)|(?:list|show me|show|name)(?: me)?(?: all)?(?: of)?(?: the)?(?: different| possible| distinct| available)* (?P<b>.+?)(?: values)?|what are (?:all )?(?:the )?(?:different |possible |distinct |available )*(?P<c>.+?)(?: values)?|values (?:of|for) (?P<d>.+?)|(?:what|which) values (?:does|do|can) (?P<e>.+?) (?:have|take))\W*$"
)
_FRESH = re.compile(
    r"(?i)\b(?:how (?:fresh|recent|current|up[- ]to[- ]date|old|stale|new) (?:is|are)|when (?:was|were|did) .+ (?:last )?(?:updated|refreshed|loaded|end|stop)|last (?:updated?|refreshed?|loaded)|(?:is|are) .+ (?:up[- ]to[- ]date|stale|fresh|current)\b|(?:latest|newest|most recent|last) (?:data|date|day|record|row|entry|update|timestamp)s?\b|freshness|(?:what|which) (?:period|dates?|time (?:range|period|span)|date range|days|timeframe) (?:does|do|is|are) .*(?:cover|span|data|available|there|have)?|how far back|data (?:range|coverage)|date range|up to (?:what|which) date|until when|time range)"
)


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
    items = cut_question(text, lexicon=context.lexicon, today=context.today).items
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
