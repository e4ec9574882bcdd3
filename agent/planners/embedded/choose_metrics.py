"""Which metrics a question may be about, alone or side by side, and the rows it names beside them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agent.planners.embedded.conditions import Sorted
from agent.planners.embedded.context import Context
from agent.planners.embedded.heads import Head, ranks_by_first, read_head
from agent.planners.embedded.made_ratio import read_made_ratio
from agent.planners.embedded.mentions import Mention, Scan
from agent.planners.embedded.words import phrase_words
from tools.metrics.definitions import Average, Count, Extreme, Percentile


@dataclass(frozen=True)
class MetricGroup:
    """Metrics that may be meant together; `rows` are datasets named beside them, which they must read."""

    heads: tuple[Head, ...]
    sure: bool = True
    left_out: str = ""  # a mention that this reading leaves out, said beside the choice
    rows: frozenset[str] = frozenset()


def choose_metrics(scan: Scan, told: Sorted, context: Context) -> Iterator[MetricGroup]:
    """Each combination of metrics that may be meant; mentions that only name the rows must fit it."""
    per = read_per(scan, told, context)
    if per:
        yield from (MetricGroup((h,), sure=h.sure) for h in per)
        return
    if not told.heads:
        yield from (MetricGroup((h,), sure=scan.asks_for_rows) for h in _implied(scan, told, context))
        return
    measured = _measured(told.heads, scan, context)
    rows = frozenset(n for m in told.heads if m not in measured for n in _datasets_named(m, context))
    if len(measured) + sum(1 for m in told.heads if m not in measured and _datasets_named(m, context)) < len(
        told.heads
    ):
        return  # a mention that neither is measured nor names rows: not understood
    if any(m.aggregates for m in told.heads if m not in measured and not (scan.by or scan.which)):
        return  # "accounts in the largest community": the largest is not found first
    if turned := _named_first(told.heads, measured):
        for mention, other in ((turned, measured[0]), (measured[0], turned)):
            found = read_head(mention, scan, context)
            yield from (MetricGroup((h,), sure=False, left_out=other.item.text) for h in found)
        return
    choices = [read_head(m, scan, context) for m in measured]
    if (
        len(measured) == 1
        and _several_aggregates(measured[0])
        and not (scan.which or scan.order or ranks_by_first(measured[0], scan))
    ):
        choices = [read_head(replace(measured[0], aggregates=(a,)), scan, context) for a in measured[0].aggregates]
    if not all(choices):
        return
    if len(choices) > 1 and not _listed(measured, scan):
        for mention, found in zip(measured, choices, strict=True):
            others = ", ".join(m.item.text for m in measured if m is not mention)
            yield from (MetricGroup((h,), sure=False, left_out=others, rows=rows) for h in found)
        return
    for heads in itertools.islice(itertools.product(*choices), 24):
        yield MetricGroup(heads, rows=rows)


def _named_first(heads: Sequence[Mention], measured: Sequence[Mention]) -> Mention | None:
    """`ads from new advertisers`: rows that are named first, before what only says whose they are."""
    if len(measured) != 1 or measured[0].zone not in ("announce", "population") or measured[0].aggregates:
        return None
    before = [m for m in heads if m not in measured and m.position < measured[0].position]
    return before[0] if before else None


def _several_aggregates(mention: Mention) -> bool:
    """`average and median`; not `median total cost` of a column that is called total_cost."""
    named = any("total" in phrase_words(e.name) for e in mention.item.of_kind("measure"))
    return len([a for a in mention.aggregates if not (named and a.op == "total")]) > 1


def _listed(mentions: Sequence[Mention], scan: Scan) -> bool:
    """Several metrics side by side need an `and` between them."""
    return all(m.joined or i == 0 or m.aggregates for i, m in enumerate(mentions))


def read_per(scan: Scan, told: Sorted, context: Context) -> list[Head]:
    """`answers per annotator`: a ratio metric; `votes per item`, of a measure of items: its average."""
    if not scan.per:
        return []
    implied = {context.catalog.base_dataset(e.name).name for e in scan.per[0].item.of_kind("metric")}
    implied |= {e.dataset for e in scan.per[0].item.of_kind("dimension")}
    datasets = {
        metric.of
        for mention in told.heads
        for head in read_head(replace(mention, aggregates=()), scan, context)
        if isinstance(metric := context.catalog.metrics[head.metric], Count)
    }
    if not told.heads and scan.on_average:
        datasets = implied  # "judgements per account on average", where answers are what was judged
    names = [n for d in sorted(datasets) for e in scan.per[0].item.entries for n in context.ratio_per(d, e)]
    if names:
        return [Head(n) for n in dict.fromkeys(names)]
    rows = {e.name for e in scan.per[0].item.of_kind("dataset")}
    heads = [h for m in told.heads for h in read_head(m, scan, context)]
    average = [h for h in heads if isinstance(context.catalog.metrics[h.metric], Average | Percentile | Extreme)]
    found = [h for h in average if context.catalog.base_dataset(h.metric).name in rows]
    return found or read_made_ratio(heads, scan, context)


def _measured(heads: Sequence[Mention], scan: Scan, context: Context) -> list[Mention]:
    """The mentions that name what is measured; with one stronger than a row count, row names measure nothing."""
    if len(heads) > 1 and all(m.joined for m in heads[1:]) and all(m.item.of_kind("metric") for m in heads):
        return list(heads)  # "messages and messages per user": both are asked for
    strong = [m for m in heads if _is_strong(m, scan, context)]
    if strong:
        return strong
    named = [m for m in heads if m.item.of_kind("metric")]
    if len(named) == 1:
        return named
    counted = [m for m in heads if m.counted]
    return counted if len(counted) == 1 and not any(m.joined for m in heads) else list(heads)


def _datasets_named(mention: Mention, context: Context) -> list[str]:
    named = [e.name for e in mention.item.of_kind("dataset")]
    for entry in mention.item.of_kind("metric"):
        metric = context.catalog.metrics[entry.name]
        if isinstance(metric, Count):
            named.append(metric.of)
    return named


def fits_rows(metric: str, rows: frozenset[str], context: Context) -> bool:
    """Whether a metric reads the rows that were named: its own, its frame's, or rows its own belong to."""
    if not rows:
        return True
    datasets = context.catalog.datasets_of(metric)
    own = {d.name for d in datasets} | {d.design.frame for d in datasets if d.design is not None}
    reached = {r.dataset for r in context.catalog.dimensions_for(metric).values()}
    return bool(rows & (own | reached))


def reads_rows(metric: str, rows: frozenset[str], context: Context) -> bool:
    return any(d.name in rows for d in context.catalog.datasets_of(metric))


def _is_strong(mention: Mention, scan: Scan, context: Context) -> bool:
    readings = read_head(mention, scan, context)
    if not readings:
        return False
    if mention.counted or mention.aggregates:
        return True
    return any(not isinstance(context.catalog.metrics[h.metric], Count) for h in readings)


def _implied(scan: Scan, told: Sorted, context: Context) -> list[Head]:
    """No metric named: count the rows of the dataset that the conditions or the breakdown speak of."""
    if scan.aggregates or scan.on_average:
        return []  # "which rater was the slowest": of what?
    if not (scan.asks_for_rows or told.by):
        return []
    entries = [e for c in told.conditions for e in c.options]
    entries += [e for m in (*told.by, *([scan.which] if scan.which else [])) for e in m.item.of_kind("dimension")]
    datasets = list(dict.fromkeys(e.dataset for e in entries))
    if not datasets and (scan.rows or scan.count):
        datasets = [name for name, d in context.catalog.datasets.items() if d.design is None]
    heads = [Head(m, doubt=3) for d in datasets for m in context.count_metrics(d)]
    return [h for h in heads if h.metric in context.usable] or heads
