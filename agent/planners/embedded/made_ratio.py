"""`X per Y` that nobody has defined: one full count or total divided by another, each on its own rows."""

from __future__ import annotations

from collections.abc import Sequence

from agent.planners.embedded.context import Context
from agent.planners.embedded.heads import Head, adds_up
from agent.planners.embedded.lexicon import Entry
from agent.planners.embedded.mentions import Mention, Scan
from agent.planners.embedded.words import phrase_words
from tools.metrics.definitions import Derived, Distinct
from tools.metrics.per import divides


def read_made_ratio(heads: Sequence[Head], scan: Scan, context: Context) -> list[Head]:
    """Every pair of what is measured and what it may be divided by; several are asked about, never mixed."""
    if len(scan.per) != 1 or scan.share or scan.on_average or len({h.metric for h in heads}) != 1:
        return []
    top = heads[0].metric
    if not divides(context.catalog.metrics[top], context.catalog):
        return []
    named = {e.name for e in scan.per[0].item.of_kind("metric")}
    named |= {t for e in scan.per[0].item.of_kind("measure") if (t := read_total(e, context)) is not None}
    bottoms = _bottoms(scan.per[0], top, context)
    # "per account" names rows, not what counts them: accounts created, or those that were active?
    found = [_defined(top, b, context) or _made(top, b, sure=b in named) for b in bottoms]
    return list(dict.fromkeys(found))


def _bottoms(mention: Mention, top: str, context: Context) -> list[str]:
    """Metrics that count what the mention names: by their name, by its rows, or as different ones among those rows."""
    rows = context.catalog.base_dataset(top).name
    found: list[str] = []
    for entry in mention.item.entries:
        if entry.kind == "metric":
            found.append(entry.name)
        elif entry.kind == "measure":
            total = read_total(entry, context)
            found += [total] if total is not None else []
        elif entry.kind == "dataset":
            found += context.count_metrics(entry.name)
            grain = context.catalog.datasets[entry.name].grain
            found += context.distinct_metrics(rows, grain[0]) if len(grain) == 1 else []
        elif entry.kind == "dimension":
            found += context.distinct_metrics(rows, context.dimension_column(entry))
    known = context.catalog.metrics
    found += [m for f in found for m in _distinct_beside(f, rows, context)]
    return [m for m in dict.fromkeys(found) if m != top and divides(known[m], context.catalog)]


def read_total(entry: Entry, context: Context) -> str | None:
    """The total of a measure that adds up, such as clicks; of a score or a duration there is none to divide by."""
    if not adds_up(phrase_words(context.measure_column(entry))):
        return None
    return context.measure_metric(entry, "total")


def _distinct_beside(metric: str, rows: str, context: Context) -> list[str]:
    """Beside a count of accounts: the accounts that have such rows."""
    grain = context.catalog.base_dataset(metric).grain
    counted = isinstance(context.catalog.metrics[metric], Distinct)
    return [] if counted or len(grain) != 1 else context.distinct_metrics(rows, grain[0])


def _defined(top: str, bottom: str, context: Context) -> Head | None:
    """The same ratio where somebody has defined it."""
    for metric in context.catalog.ratios:
        if isinstance(metric, Derived) and metric.op == "ratio" and metric.metrics == (top, bottom):
            return Head(metric.name)
    return None


def _made(top: str, bottom: str, *, sure: bool) -> Head:
    names = top.replace("_", " "), bottom.replace("_", " ")
    note = f"{names[0]} divided by {names[1]}, each counted on its own rows and by its own time; no metric is defined."
    return Head(top, note[:1].upper() + note[1:], sure=sure, per=bottom)
