"""One metric checked against the catalog it stands in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.metrics.definitions import (
    Agreement,
    Average,
    Change,
    Count,
    Dataset,
    Derived,
    Distinct,
    Extreme,
    Metric,
    Percentile,
    Prevalence,
    Proportion,
    Ratio,
    Sum,
)
from tools.metrics.nearest import did_you_mean

if TYPE_CHECKING:
    from tools.metrics.catalog import Catalog

Keys = tuple[str | int, ...]
Found = Iterator[tuple[Keys, str, str]]


def check_metric(metric: Metric, catalog: Catalog, sound: frozenset[str]) -> Found:
    """Unknown references, cycles, item text, statistics a sample does not support, missing time.

    Args:
        sound: see `sound_metrics`; only what they refer to can be followed.
    """
    yield from _unknown(metric, catalog)
    if metric.name not in sound or catalog.metrics[metric.name] is not metric:
        if _in_cycle(metric.name, catalog):
            yield ("metrics" if isinstance(metric, Derived) else "metric",), "is defined by itself", ""
        return
    datasets = catalog.datasets_of(metric.name)
    yield from _check_text(metric, datasets)
    yield from _check_sample(metric, datasets)
    yield from _check_time(metric, datasets)
    known = catalog.dimensions_for(metric.name)
    for j, name in enumerate(metric.requires):
        if name not in known and knows_dimensions(catalog):
            yield ("requires", j), f"requires dimension {name!r}, which it does not have", did_you_mean(name, known)
    if isinstance(metric, (Derived, Change)) and metric.where:
        hint = "put the condition into the metrics it is made of"
        yield ("where",), "a metric of other metrics takes no `where`", hint


def sound_metrics(catalog: Catalog) -> frozenset[str]:
    """Metrics whose datasets all exist, those of the metrics that they are made of included."""
    found: set[str] = set()
    while more := {n for n, m in catalog.metrics.items() if n not in found and _rests_on(m, catalog, found)}:
        found |= more
    return frozenset(found)


def _rests_on(metric: Metric, catalog: Catalog, sound: set[str]) -> bool:
    return all(
        name in (sound if section == "metrics" else catalog.datasets) for _, section, name in _references(metric)
    )


def knows_dimensions(catalog: Catalog) -> bool:
    """Every dataset and relationship was read, so that a dimension that is not found does not exist."""
    ends = {end for r in catalog.relationships for end in (r.from_, r.to)}
    return not catalog.lost.hides_dimensions and ends <= catalog.datasets.keys()


def _unknown(metric: Metric, catalog: Catalog) -> Found:
    """References to what does not exist, nor was left out because it is faulty."""
    for keys, section, name in _references(metric):
        known = catalog.metrics if section == "metrics" else catalog.datasets
        if name not in known and not catalog.lost.may_hold(section, name):
            yield keys, f"there is no {section[:-1]} {name!r}", did_you_mean(name, known)


def _references(metric: Metric) -> list[tuple[Keys, str, str]]:
    """(keys, section, name) of every dataset and metric that a metric names."""
    if isinstance(metric, Ratio):
        sides = ("numerator", metric.numerator), ("denominator", metric.denominator)
        return [((side, "of"), "datasets", operand.of) for side, operand in sides]
    if isinstance(metric, Derived):
        return [(("metrics", j), "metrics", name) for j, name in enumerate(metric.metrics)]
    if isinstance(metric, Change):
        return [(("metric",), "metrics", metric.metric)]
    return [(("of",), "datasets", metric.of)]


def _in_cycle(name: str, catalog: Catalog) -> bool:
    """Whether following `metrics` and `metric` from here never ends (at itself or at another cycle)."""
    stack, done = [(name, frozenset[str]())], 0
    while stack and done < 10_000:
        current, above = stack.pop()
        done += 1
        if current in above:
            return True
        metric = catalog.metrics.get(current)
        parts = (
            metric.metrics if isinstance(metric, Derived) else (metric.metric,) if isinstance(metric, Change) else ()
        )
        stack.extend((part, above | {current}) for part in parts)
    return bool(stack)


def columns_of(metric: Metric) -> list[tuple[Keys, str, str]]:
    """(keys, dataset, column) of every column a metric names itself."""
    used: list[tuple[Keys, str, str]] = []
    if isinstance(metric, Ratio):
        for side in ("numerator", "denominator"):
            operand = getattr(metric, side)
            if operand.column is not None:
                used.append(((side, "column"), operand.of, operand.column))
            used += [((side, "where", j), operand.of, p.column) for j, p in enumerate(operand.where)]
        sides = dict.fromkeys((metric.numerator.of, metric.denominator.of))
        used += [(("where", j), of, p.column) for j, p in enumerate(metric.where) for of in sides]
        used += [(("time",), of, metric.time) for of in sides if metric.time is not None]
        return used
    if isinstance(metric, (Derived, Change)):
        return used
    if isinstance(metric, (Sum, Average, Percentile, Extreme, Distinct)):
        used.append((("column",), metric.of, metric.column))
    elif isinstance(metric, (Proportion, Prevalence)):
        used.append((("positive",), metric.of, metric.positive.column))
    elif isinstance(metric, Agreement):
        used += [((key,), metric.of, getattr(metric, key)) for key in ("item", "rater", "label")]
    used += [(("where", j), metric.of, p.column) for j, p in enumerate(metric.where)]
    if metric.time is not None:
        used.append((("time",), metric.of, metric.time))
    return used


def _check_text(metric: Metric, datasets: tuple[Dataset, ...]) -> Found:
    text = {d.name: d.text.casefold() for d in datasets if d.text is not None}
    for keys, of, column in columns_of(metric):
        if text.get(of) == column.casefold():
            yield keys, f"{column!r} is item text and cannot be used in a definition", ""


def _check_sample(metric: Metric, datasets: tuple[Dataset, ...]) -> Found:
    if isinstance(metric, (Extreme, Distinct)) and datasets[0].design is not None:
        yield ("kind",), f"a sample cannot tell the frame's {metric.kind}", "use a dataset that is counted in full"
    if isinstance(metric, (Sum, Count)) and metric.semi_additive and datasets[0].design is not None:
        yield ("semi_additive",), "is for datasets that are counted in full", ""
    if isinstance(metric, Ratio) and any(d.design for d in datasets):
        if len(datasets) > 1:
            yield ("numerator", "of"), "a ratio over a sample needs both sides from the same dataset", ""
        if "distinct" in (metric.numerator.agg, metric.denominator.agg):
            yield ("kind",), "a sample cannot tell how many different values the frame holds", ""
    if isinstance(metric, (Proportion, Prevalence)) and metric.positive.is_null is not None:
        yield (
            ("positive", "is_null"),
            "a share is taken among rows where the column is not NULL",
            "",
        )


def _check_time(metric: Metric, datasets: tuple[Dataset, ...]) -> Found:
    if metric.time is not None or isinstance(metric, Derived):
        return
    untimed = [d.name for d in datasets if d.time is None]
    if not untimed:
        return
    for key in ("maturity", "stale_after_days", "semi_additive"):
        if getattr(metric, key, None) is not None:
            yield (key,), f"needs a time column, and dataset {untimed[0]!r} has none", ""
    if metric.history:
        yield ("history",), f"needs a time column, and dataset {untimed[0]!r} has none", ""
    if isinstance(metric, Change):
        yield ("metric",), f"a change needs a time column, and dataset {untimed[0]!r} has none", ""
