"""Measures expanded to metrics: `average_handle_seconds`, `median_handle_seconds`, ..."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tools.metrics.definitions import Aggregation, Average, Dataset, Extreme, Measure, Metric, Percentile, Sum

_PHRASES: dict[Aggregation, tuple[str, ...]] = {
    "average": (
        "average {}",
        "mean {}",
        "avg {}",
        "average of {}",
        "mean of {}",
        "{} on average",
        "{} average",
        "{} mean",
    ),
    "median": ("median {}", "median of {}", "{} median", "p50 {}", "{} p50", "50th percentile of {}"),
    "min": ("minimum {}", "min {}", "smallest {}", "lowest {}", "{} minimum"),
    "max": ("maximum {}", "max {}", "largest {}", "highest {}", "biggest {}", "{} maximum"),
    "total": ("total {}", "sum of {}", "{} in total", "{} total", "total of {}"),
}
_TIME_PHRASES: dict[Aggregation, tuple[str, ...]] = {
    "min": ("shortest {}", "fastest {}"),
    "max": ("longest {}", "slowest {}"),
}


@dataclass(frozen=True)
class ExpandedMeasure:
    """Which metric stands for which aggregation of which measure."""

    dataset: str
    measure: str
    aggregation: Aggregation
    metric: str


def expand_measures(dataset: Dataset) -> list[tuple[ExpandedMeasure, Metric]]:
    """One metric for every aggregation of every measure, in the order they are declared.

    A sampled dataset gives no smallest or largest value: they say nothing about the frame.
    """
    return [
        (
            ExpandedMeasure(dataset.name, measure.name, aggregation, f"{aggregation}_{measure.name}"),
            _metric_of(dataset, measure, aggregation),
        )
        for measure in dataset.measures
        for aggregation in dict.fromkeys(measure.aggregations)
        if dataset.design is None or aggregation not in ("min", "max")
    ]


def _metric_of(dataset: Dataset, measure: Measure, aggregation: Aggregation) -> Metric:
    words = [measure.name.replace("_", " "), *measure.synonyms]
    timed = _TIME_PHRASES.get(aggregation, ()) if measure.unit in ("seconds", "hours") else ()
    article = "an" if dataset.unit[:1] in "aeiou" else "a"
    about = measure.description or f"{words[0]} of {article} {dataset.unit}"
    common: dict[str, Any] = {
        "name": f"{aggregation}_{measure.name}",
        "of": dataset.name,
        "column": measure.column,
        "unit": measure.unit,
        "synonyms": tuple(dict.fromkeys(p.format(w) for w in words for p in _PHRASES[aggregation] + timed)),
        "description": f"{_WORDS[aggregation]} of {about}.",
    }
    if aggregation == "average":
        return Average(kind="average", **common)
    if aggregation == "median":
        return Percentile(kind="percentile", q=0.5, **common)
    if aggregation == "total":
        return Sum(kind="sum", **common)
    return Extreme(kind="extreme", which=aggregation, **common)


_WORDS: dict[Aggregation, str] = {
    "average": "Average",
    "median": "Median",
    "min": "Smallest value",
    "max": "Largest value",
    "total": "Total",
}
