"""The definitions that a role, and everyone who reads over its shoulder, may know of, as one definition file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.access import Asker, Usage, decide
from tools.errors import Declined
from tools.metrics.catalog import Catalog
from tools.metrics.definitions import Dataset, Metric, MetricFile, Relationship, VerifiedQuery
from tools.metrics.query import MetricQuery
from tools.metrics.usage import leaves_of, usage_of
from tools.metrics.visible import visible_dimensions, visible_metrics

if TYPE_CHECKING:
    from tools.access import Policy


@dataclass(frozen=True)
class VisiblePart:
    """What may be seen.

    Attributes:
        file: written definitions. generated: metrics that stand for its measures.
    """

    file: MetricFile
    generated: tuple[Metric, ...]


def visible_part(catalog: Catalog, *, asker: Asker, policy: Policy) -> VisiblePart:
    """Datasets, relationships, metrics and verified queries whose tables and columns may all be used.

    A dataset loses the dimensions, measures and roles (time, actor, key) of columns that may not be used. One whose
    required filters or design may not be used is left out: its rows would mean something else without them.
    """
    see = _Sight(catalog, asker, policy)
    datasets = tuple(see.dataset(d) for d in catalog.datasets.values() if see.may_use(d, _needed(d)))
    names = {d.name for d in datasets}
    links = tuple(r for r in catalog.relationships if {r.from_, r.to} <= names and see.may_follow(r))
    generated = _generated(catalog)
    known = [n for n in visible_metrics(catalog, asker=asker, policy=policy) if see.may_define(n)]
    metrics = tuple(catalog.metrics[n] for n in known if n not in generated)
    verified = tuple(v for v in catalog.verified_queries if see.may_ask(v))
    return VisiblePart(
        MetricFile(datasets=datasets, relationships=links, metrics=metrics, verified_queries=verified),
        tuple(catalog.metrics[n] for n in known if n in generated),
    )


def _generated(catalog: Catalog) -> set[str]:
    written = {m.name for _, file in catalog.files for m in file.metrics}
    return {e.metric for e in catalog.measures} - written


def _needed(dataset: Dataset) -> list[str]:
    design = dataset.design
    columns = [p.column for p in dataset.where]
    if design is not None:
        named = (design.weight, design.probability, design.strata, design.cluster, design.fpc)
        columns += [c for c in named if c is not None]
    return columns


@dataclass(frozen=True)
class _Sight:
    catalog: Catalog
    asker: Asker
    policy: Policy

    def may_use(self, dataset: Dataset, columns: Iterable[str]) -> bool:
        named = frozenset(f"{dataset.source}.{c}" for c in columns)
        return self._allowed(Usage(tables=frozenset({dataset.source}), columns=named))

    def dataset(self, dataset: Dataset) -> Dataset:
        """The dataset without what rests on columns that may not be used."""
        frame = dataset.design.frame if dataset.design is not None else None
        hidden = frame is not None and frame in self.catalog.datasets and not self._sees(self.catalog.datasets[frame])
        design = dataset.design.model_copy(update={"frame": None}) if dataset.design and hidden else dataset.design
        return dataset.model_copy(
            update={
                "grain": dataset.grain if self.may_use(dataset, dataset.grain) else (),
                "dimensions": tuple(d for d in dataset.dimensions if self.may_use(dataset, [d.column])),
                "measures": tuple(m for m in dataset.measures if self.may_use(dataset, [m.column])),
                "design": design,
                **{
                    role: column if column is not None and self.may_use(dataset, [column]) else None
                    for role, column in (("time", dataset.time), ("actor", dataset.actor), ("text", dataset.text))
                },
            }
        )

    def _sees(self, dataset: Dataset) -> bool:
        return self.may_use(dataset, _needed(dataset))

    def may_follow(self, link: Relationship) -> bool:
        from_, to = self.catalog.datasets[link.from_], self.catalog.datasets[link.to]
        return self.may_use(from_, link.from_columns) and self.may_use(to, link.to_columns)

    def may_define(self, name: str) -> bool:
        """Its own time and the dimensions it requires may be used too: without them it would be another metric."""
        for leaf in leaves_of(name, self.catalog):
            if leaf.time is not None and not all(
                self.may_use(d, [leaf.time]) for d in self.catalog.datasets_of(leaf.name)
            ):
                return False
        required = self.catalog.metrics[name].requires
        return not required or set(required) <= set(
            visible_dimensions(name, self.catalog, asker=self.asker, policy=self.policy)
        )

    def may_ask(self, verified: VerifiedQuery) -> bool:
        return self._allowed(usage_of(MetricQuery.model_validate(verified.query), self.catalog))

    def _allowed(self, usage: Usage) -> bool:
        return not isinstance(decide(self.asker, usage, self.policy), Declined)
