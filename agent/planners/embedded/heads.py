"""Which metric a mention and its operators ask for: every reading that makes sense, best first."""

from __future__ import annotations

from dataclasses import dataclass

from agent.planners.embedded.context import Context, aggregation_of
from agent.planners.embedded.lexicon import Entry
from agent.planners.embedded.mentions import Mention, Scan
from agent.planners.embedded.operators import OpSpan
from agent.planners.embedded.vocabulary import FLOWS, NOT_COUNTED
from agent.planners.embedded.words import phrase_stems, phrase_words
from tools.metrics.definitions import (
    Aggregation,
    Count,
    Derived,
    Distinct,
    Percentile,
    Prevalence,
    Proportion,
    Ratio,
    Sum,
)

_AGGREGATIONS: dict[str, Aggregation] = {
    "average": "average",
    "median": "median",
    "total": "total",
    "max": "max",
    "min": "min",
}


# A column that is called total_likes says itself what to do.
_OPENING: dict[str, Aggregation] = {
    "total": "total",
    "sum": "total",
    "average": "average",
    "avg": "average",
    "mean": "average",
    "median": "median",
    "max": "max",
    "min": "min",
}


@dataclass(frozen=True)
class Head:
    """A metric that may be meant.

    Attributes:
        metric: its name in the catalog.
        assumption: what had to be assumed, in a sentence; empty for what was said outright.
        doubt: 0 when it is what was said; larger for looser readings (which lose to tighter ones).
        order: a superlative that turned out to rank rather than to aggregate.
    """

    metric: str
    assumption: str = ""
    doubt: int = 0
    order: str | None = None
    sure: bool = True  # False: it must be confirmed
    per: str | None = None  # a metric to divide by, where nobody has defined the ratio


def read_head(mention: Mention, scan: Scan, context: Context) -> list[Head]:
    """Readings of one mention as the thing measured."""
    dated = any(t.kind == "grain" for t in scan.times)
    ranked = scan.which is not None or dated or (bool(scan.by) and scan.order is not None)
    ranked |= ranks_by_first(mention, scan)
    aggregates = [a for a in mention.aggregates if not (ranked and a.op in ("max", "min"))]
    order = next(
        ({"max": "desc", "min": "asc"}[a.op] for a in mention.aggregates if ranked and a.op in ("max", "min")), None
    )
    if len(aggregates) > 1 and any("total" in phrase_words(e.name) for e in mention.item.of_kind("measure")):
        aggregates = [a for a in aggregates if a.op != "total"]  # "median total cost", of a column total_cost
    heads: list[Head] = []
    for entry in mention.item.entries:
        heads.extend(_of_entry(entry, aggregates[-1] if aggregates else None, mention, scan, context))
    best = min((h.doubt for h in heads), default=0)
    kept = [h for h in heads if h.doubt == best]
    return [Head(h.metric, h.assumption, h.doubt, order) for h in dict.fromkeys(kept)]


def ranks_by_first(mention: Mention, scan: Scan) -> bool:
    """`lowest average score by country` ranks averages; it does not ask for two aggregates."""
    ops = [a.op for a in mention.aggregates]
    named = mention.item.of_kind("metric") and not mention.item.of_kind("measure")
    if scan.by and named and ops[:1] in (["max"], ["min"]):
        return True  # "highest refusal rate by surface"
    return bool(scan.by) and len(ops) > 1 and ops[0] in ("max", "min") and ops[1] not in ("max", "min")


def _of_entry(entry: Entry, aggregate: OpSpan | None, mention: Mention, scan: Scan, context: Context) -> list[Head]:
    if entry.kind == "metric":
        return _of_metric(entry.name, aggregate, mention, scan, context)
    if entry.kind == "measure":
        return _of_measure(entry, aggregate, mention, scan, context)
    if entry.kind == "dataset":
        return _of_dataset(entry.name, aggregate, mention, scan, context)
    if entry.kind == "dimension" and (mention.counted or scan.distinct):
        return [Head(m, doubt=1) for m in context.distinct_metrics(entry.dataset, context.dimension_column(entry))]
    return []


def _of_metric(name: str, aggregate: OpSpan | None, mention: Mention, scan: Scan, context: Context) -> list[Head]:
    metric = context.catalog.metrics[name]
    if mention.counted and not isinstance(metric, Count | Distinct | Sum | Ratio):
        return []
    if scan.distinct and mention.counted and not isinstance(metric, Distinct):
        return []
    if aggregate is None:
        return [Head(name)]
    if isinstance(metric, Count | Distinct | Sum) and aggregate.op == "total":
        return [Head(name)]
    wanted = _AGGREGATIONS.get(aggregate.op)
    if wanted is not None and aggregation_of(metric) == wanted:
        return [Head(name)]
    divided = isinstance(metric, Derived) and metric.op == "ratio"
    if wanted == "average" and (divided or isinstance(metric, Proportion | Prevalence | Ratio)):
        return [Head(name)]
    if aggregate.op == "percentile" and isinstance(metric, Percentile) and metric.q == aggregate.q:
        return [Head(name)]
    other = context.sibling(metric, wanted) if wanted is not None else None
    return [Head(other)] if other is not None else []


def _of_measure(entry: Entry, aggregate: OpSpan | None, mention: Mention, scan: Scan, context: Context) -> list[Head]:
    words = entry.name.replace("_", " ")
    wanted = _AGGREGATIONS.get(aggregate.op) if aggregate is not None else ("average" if scan.on_average else None)
    if wanted is None and aggregate is None:
        wanted = _OPENING.get(mention.item.text.casefold().replace("_", " ").split(" ")[0])
    if wanted is None and aggregate is not None:
        return [
            Head(m.metric)
            for m in context.catalog.measures
            if aggregate.op == "percentile"
            and aggregate.q == 0.5
            and (m.dataset, m.measure, m.aggregation) == (entry.dataset, entry.name, "median")
        ]
    if wanted is None and (mention.counted or scan.how_much or scan.share):
        total = context.measure_metric(entry, "total")
        return (
            [Head(total, f"\u201c{mention.item.text}\u201d is read as the total of {words}.", doubt=1)] if total else []
        )
    if wanted is None:
        options = [context.measure_metric(entry, a) for a in _bare(entry, mention, scan, context)]
        known = [o for o in options if o is not None]
        note = f"\u201c{mention.item.text}\u201d is read as the total of {words}." if len(known) == 1 else ""
        return [Head(o, note, doubt=2) for o in known]
    found = context.measure_metric(entry, wanted)
    return [Head(found)] if found is not None else []


def _bare(entry: Entry, mention: Mention, scan: Scan, context: Context) -> tuple[Aggregation, ...]:
    """Aggregations that a measure named alone may mean: its total where the column is a count, else any."""
    column = phrase_words(context.measure_column(entry))
    if adds_up(column) and context.measure_metric(entry, "total") is not None:
        return ("total",)
    return ("average", "total", "median", "max")


def adds_up(column: tuple[str, ...]) -> bool:
    """Counts and flows of money, by their name: n_replies, clicks, spend_usd; not scores, rates or durations."""
    if not column:
        return False
    plural = [w for w in column if w.endswith("s") and not w.endswith("ss") and w not in NOT_COUNTED and len(w) > 3]
    intensive = {
        "average",
        "avg",
        "mean",
        "median",
        "rate",
        "ratio",
        "share",
        "score",
        "index",
        "per",
        "price",
        "age",
        "pct",
        "percent",
    }
    return not intensive & set(column) and (column[0] in _COUNTED or bool(FLOWS & set(column)) or bool(plural))


_COUNTED = frozenset({"n", "num", "number", "count", "total", "nr"})


def _of_dataset(name: str, aggregate: OpSpan | None, mention: Mention, scan: Scan, context: Context) -> list[Head]:
    if aggregate is not None and aggregate.op != "total":
        return []
    alone = sum(bool(m.item.of_kind("metric", "measure", "dataset")) for m in scan.mentions) == 1
    if alone and mention.item.of_kind("measure") and not mention.counted:
        return []  # "ad spend", of ad_spend.csv with a column of that name, is the money
    counted = context.count_metrics(name)
    if not counted:  # rows that are counted under another name: "raters by vendor"
        stems = ("number", *phrase_stems(context.catalog.datasets[name].unit))
        counted = [e.name for e in context.lexicon.phrases.get(stems, ()) if e.kind == "metric"]
    return [Head(m, doubt=1) for m in counted]
