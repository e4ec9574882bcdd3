"""What the planner knows while it reads one question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.planners.embedded.lexicon import Entry, Lexicon
from agent.planners.embedded.spans import Cut, cut_question
from agent.planners.embedded.spelling import is_opposite
from agent.planners.embedded.words import phrase_stems
from tools.metrics.catalog import Catalog
from tools.metrics.definitions import (
    Aggregation,
    Average,
    Count,
    Distinct,
    Extreme,
    Metric,
    Percentile,
    Prevalence,
    Proportion,
    Ratio,
    Scalar,
    Sum,
)
from tools.metrics.profile import Profile
from tools.metrics.query import MetricQuery, Where
from tools.metrics.reach import DimensionRef


@dataclass(frozen=True)
class Context:
    """Catalog, data profile and clock; `usable` are the metrics this asker may see."""

    catalog: Catalog
    profile: Profile
    lexicon: Lexicon
    today: date
    usable: frozenset[str]
    fiscal_start: int | None = None  # the month that the financial year begins in
    columns: frozenset[str] = frozenset()  # `dataset.dimension` and `dataset.measure` this asker may see

    def cut(self, text: str) -> Cut:
        """A text cut into items, as of this clock and this financial year: the one way in which words are read."""
        return cut_question(text, lexicon=self.lexicon, today=self.today, fiscal_start=self.fiscal_start)

    def cuts(self, metric: str) -> list[str]:
        """The dimensions that a metric can be cut by, as far as this asker may see them."""
        return [
            key
            for key, ref in self.catalog.dimensions_for(metric).items()
            if not ref.measured and f"{ref.dataset}.{ref.dimension.name}" in self.columns
        ]

    def may_ask(self, query: MetricQuery) -> bool:
        """Whether everything that a query names may be seen: what is offered must be answered when it is chosen."""
        names = {*query.by, *query.share_over, *(w.dimension for w in query.where)}
        return all(
            metric in self.usable
            and all(
                f"{ref.dataset}.{ref.dimension.name}" in self.columns
                for key, ref in self.catalog.dimensions_for(metric).items()
                if key in names
            )
            for metric in (*query.metrics, *([query.per] if query.per is not None else []))
        )

    def count_metrics(self, dataset: str) -> list[str]:
        """Metrics that count the rows of a dataset; unconditional ones first."""
        found = [m for m in self.catalog.metrics_on.get(dataset, ()) if isinstance(m, Count)]
        plain = [m.name for m in found if not m.where]
        return plain or [m.name for m in found]

    def distinct_metrics(self, dataset: str, column: str) -> list[str]:
        return [
            m.name
            for m in self.catalog.metrics_on.get(dataset, ())
            if isinstance(m, Distinct) and m.column == column and not m.where
        ]

    def measure_metric(self, entry: Entry, aggregation: Aggregation) -> str | None:
        for expanded in self.catalog.measures:
            if (expanded.dataset, expanded.measure, expanded.aggregation) == (entry.dataset, entry.name, aggregation):
                return expanded.metric
        return None

    def measure_column(self, entry: Entry) -> str:
        return next(m.column for m in self.catalog.datasets[entry.dataset].measures if m.name == entry.name)

    def sibling(self, metric: Metric, aggregation: Aggregation) -> str | None:
        """Another aggregation of the column a metric reads, where somebody has defined it."""
        if not isinstance(metric, Average | Percentile | Sum | Extreme):
            return None
        for other in self.catalog.metrics_on.get(metric.of, ()):
            same = isinstance(other, Average | Percentile | Sum | Extreme) and (
                other.of,
                other.column,
                other.where,
            ) == (metric.of, metric.column, metric.where)
            if same and aggregation_of(other) == aggregation:
                return other.name
        return None

    def ratio_per(self, dataset: str, entity: Entry) -> list[str]:
        """Ratio metrics: rows of a dataset per entity."""
        found = []
        for metric in self.catalog.ratios:
            if not isinstance(metric, Ratio) or metric.numerator.agg != "count" or metric.numerator.of != dataset:
                continue
            bottom = metric.denominator
            if entity.kind == "dataset" and bottom.agg == "count" and bottom.of == entity.name:
                found.append(metric.name)
            column = self.entity_column(entity)
            if column is not None and bottom.agg == "distinct" and bottom.column == column:
                found.append(metric.name)
        return found

    def entity_column(self, entity: Entry) -> str | None:
        if entity.kind == "dimension":
            return self.dimension_column(entity)
        if entity.kind == "metric":
            metric = self.catalog.metrics[entity.name]
            return metric.column if isinstance(metric, Distinct) else None
        return None

    def dimension_column(self, entry: Entry) -> str:
        return next(d.column for d in self.catalog.datasets[entry.dataset].dimensions if d.name == entry.name)

    def reach(self, metric: str, entry: Entry) -> DimensionRef | None:
        """The dimension or measure of an entry as a metric's query must name it."""
        refs = [
            r
            for r in self.catalog.dimensions_for(metric).values()
            if r.dataset == entry.dataset and r.dimension.name == entry.name
        ]
        return min(refs, key=lambda r: len(r.path)) if refs else None

    def share_metrics(self, where: Where, dataset: str) -> list[str]:
        """Governed proportions whose positive is exactly this condition on this dataset's column."""
        if where.in_ is None:
            return []
        dimension = next(
            (d for d in self.catalog.datasets[dataset].dimensions if d.name == where.dimension.split(".")[-1]), None
        )
        if dimension is None:
            return []
        found = []
        for metric in self.catalog.metrics_on.get(dataset, ()):
            if (
                not isinstance(metric, Proportion | Prevalence)
                or metric.where
                or metric.positive.column != dimension.column
            ):
                continue
            wanted = metric.positive.in_ or ((metric.positive.equals,) if metric.positive.equals is not None else ())
            if {_plain(v) for v in wanted} == {_plain(v) for v in where.in_}:
                found.append(metric.name)
        return found

    def has_time(self, metric: str) -> bool:
        return (
            all(d.time is not None for d in self.catalog.datasets_of(metric))
            or self.catalog.metrics[metric].time is not None
        )

    def words_near(self, text: str, *, kinds: Iterable[str], limit: int = 4) -> list[tuple[str, Entry]]:
        """Catalog phrases close to unknown words, closest first."""
        from rapidfuzz import fuzz, process  # start-up: only questions with unknown words need it

        wanted = " ".join(phrase_stems(text))
        if len(wanted) < 4:
            return []
        scored: list[tuple[float, str, Entry]] = []
        for name, phrase, score in self._scored(wanted, process, fuzz):
            if score >= _NEAR and not is_opposite(wanted, name):
                entries = self.lexicon.phrases[phrase]
                scored.extend((score, name, e) for e in entries if e.kind in kinds and not e.generic)
        scored.sort(key=lambda s: (-s[0], s[1]))
        seen: dict[tuple[str, str, Scalar | None], tuple[str, Entry]] = {}
        for _, name, entry in scored:
            seen.setdefault((entry.kind, entry.name, entry.value), (name, entry))
        return list(seen.values())[:limit]

    def _scored(self, wanted: str, process: Any, fuzz: Any) -> Iterator[tuple[str, tuple[str, ...], float]]:
        """Phrases that resemble the words as a whole, or share a word with them, each with its better score."""
        words = set(wanted.split())
        names = self.lexicon.names
        alike = {
            name: score
            for name, score, _ in process.extract(
                wanted, names.keys(), scorer=fuzz.ratio, score_cutoff=_NEAR, limit=None
            )
        }
        sharing = {" ".join(p) for word in words for p in (*self.lexicon.holding.get(word, ()), (word,))} & names.keys()
        if len(wanted) <= _SHORT:
            sharing = set()
        for name in dict.fromkeys((*alike, *sorted(sharing))):
            both = 0.9 * fuzz.token_set_ratio(wanted, name) if name in sharing else 0.0
            yield name, names[name], max(alike.get(name, 0.0), both)


_NEAR = 72
_SHORT = 4


def aggregation_of(metric: Metric) -> Aggregation | None:
    """The aggregation a metric is, in the words of measures."""
    if isinstance(metric, Average):
        return "average"
    if isinstance(metric, Percentile):
        return "median" if metric.q == 0.5 else None
    if isinstance(metric, Sum):
        return "total"
    return metric.which if isinstance(metric, Extreme) else None


def _plain(value: Scalar) -> str:
    if isinstance(value, bool):
        return str(value).casefold()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
