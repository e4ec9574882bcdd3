"""The catalog: every definition of a workspace, checked against one another."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import Fault, InvalidInput, InvalidWorkspace
from tools.metrics.check import check_definitions
from tools.metrics.definitions import Change, Dataset, Derived, Metric, MetricFile, Ratio, Relationship, VerifiedQuery
from tools.metrics.locate import in_file_order, locate
from tools.metrics.lost import NOTHING, Lost
from tools.metrics.measures import ExpandedMeasure, expand_measures
from tools.metrics.nearest import nearest_names
from tools.metrics.reach import DimensionRef, reach_dimensions, shared_dimensions
from tools.metrics.read_file import Keys, Positions, Reading, read_file

if TYPE_CHECKING:
    from tools.workspace import Workspace


@dataclass(frozen=True)
class Catalog:
    """What can be asked.

    Attributes:
        datasets, metrics: by name, in the order of the files; `metrics` includes those expanded from measures.
        relationships: many rows of `from` belong to one row of `to`.
        verified_queries: questions whose query somebody has signed.
        measures: which metric stands for which aggregation of which measure; one that somebody wrote under the
            expanded name takes its place.
        hash: of the files' bytes.
        positions, lost: of a catalog that is checked although parts of its files are faulty; see `Reading`.
    """

    datasets: dict[str, Dataset]
    relationships: tuple[Relationship, ...]
    metrics: dict[str, Metric]
    verified_queries: tuple[VerifiedQuery, ...]
    measures: tuple[ExpandedMeasure, ...]
    hash: str = ""
    files: tuple[tuple[Path, MetricFile], ...] = ()
    positions: dict[Path, Positions] = field(default_factory=dict)
    lost: Lost = NOTHING

    def locate(self, path: Path, keys: Keys) -> str:
        """`file:line` of an item or a part of it; `keys` count the valid items only."""
        positions = self.positions.get(path, {})
        at: Keys = ()
        for part in keys:
            at = (*at, positions[at][part] if isinstance(part, int) and at in positions else part)
        return locate(path, at)

    def metric(self, name: str) -> Metric:
        """The metric of that name; InvalidInput with the nearest names otherwise."""
        found = self.metrics.get(name)
        if found is None:
            near = nearest_names(name, self.metrics)
            raise InvalidInput(
                f"There is no metric {name!r}.",
                code="unknown_metric",
                value=name,
                allowed=near or sorted(self.metrics)[:8],
                hint="`transect metrics list` shows every metric.",
            )
        return found

    def datasets_of(self, metric_name: str) -> tuple[Dataset, ...]:
        """Every dataset whose rows a metric reads; the first is its base."""
        return tuple(self.datasets[name] for name in self._dataset_names(metric_name))

    def base_dataset(self, metric_name: str) -> Dataset:
        """The dataset whose rows are counted; of a ratio, the denominator's."""
        return self.datasets_of(metric_name)[0]

    def dimensions_for(self, metric_name: str) -> dict[str, DimensionRef]:
        """What a metric can be cut by; for several datasets, the dimensions they share."""
        return {key: refs[0] for key, refs in self.shared_dimensions_for(metric_name).items()}

    def shared_dimensions_for(self, metric_name: str) -> dict[str, tuple[DimensionRef, ...]]:
        """As `dimensions_for`, with one reference per dataset of `datasets_of`."""
        names = self._dataset_names(metric_name)
        if names not in self._shared:
            self._shared[names] = shared_dimensions(
                [reach_dimensions(n, datasets=self.datasets, relationships=self.relationships) for n in names]
            )
        return self._shared[names]

    @cached_property
    def metrics_on(self) -> dict[str, tuple[Metric, ...]]:
        """The metrics that read rows of one dataset, by that dataset."""
        found: dict[str, list[Metric]] = {}
        for metric in self.metrics.values():
            if not isinstance(metric, (Ratio, Derived, Change)):
                found.setdefault(metric.of, []).append(metric)
        return {dataset: tuple(metrics) for dataset, metrics in found.items()}

    @cached_property
    def ratios(self) -> tuple[Ratio | Derived, ...]:
        """Metrics that divide one thing by another, or are made of other metrics."""
        return tuple(m for m in self.metrics.values() if isinstance(m, (Ratio, Derived)))

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the metrics."""
        return frozenset(self.metrics)

    @cached_property
    def _shared(self) -> dict[tuple[str, ...], dict[str, tuple[DimensionRef, ...]]]:
        return {}

    def _dataset_names(self, metric_name: str) -> tuple[str, ...]:
        metric = self.metric(metric_name)
        if isinstance(metric, Ratio):
            return tuple(dict.fromkeys((metric.denominator.of, metric.numerator.of)))
        if isinstance(metric, Derived):
            second, first = metric.metrics[1], metric.metrics[0]
            order = (second, first) if metric.op == "ratio" else (first, second)
            return tuple(dict.fromkeys(name for part in order for name in self._dataset_names(part)))
        if isinstance(metric, Change):
            return self._dataset_names(metric.metric)
        return (metric.of,)


def build_catalog(files: Sequence[tuple[Path, MetricFile]], *, content_hash: str = "") -> Catalog:
    """One catalog of several files. Raises InvalidWorkspace with every fault found."""
    catalog = _assemble([Reading(path, items) for path, items in files], content_hash)
    faults = check_definitions(catalog)
    if faults:
        raise InvalidWorkspace(in_file_order(faults))
    return catalog


def _assemble(readings: Sequence[Reading], content_hash: str) -> Catalog:
    files = [(r.path, r.items) for r in readings]
    lost = NOTHING
    for reading in readings:
        lost |= reading.lost
    datasets = {d.name: d for _, f in files for d in f.datasets}
    written = {m.name: m for _, f in files for m in f.metrics}
    expanded = [pair for d in datasets.values() for pair in expand_measures(d)]
    generated = {m.name: _without_taken(m, written) for _, m in expanded if m.name not in written}
    return Catalog(
        datasets=datasets,
        relationships=tuple(r for _, f in files for r in f.relationships),
        metrics=written | generated,
        verified_queries=tuple(v for _, f in files for v in f.verified_queries),
        measures=tuple(e for e, _ in expanded),
        hash=content_hash,
        files=tuple(files),
        positions={r.path: r.positions for r in readings},
        lost=lost,
    )


def _without_taken(metric: Metric, written: dict[str, Metric]) -> Metric:
    """A generated synonym gives way to a name or synonym that somebody wrote."""
    taken = {s.casefold() for m in written.values() for s in (m.name.replace("_", " "), *m.synonyms)}
    return metric.model_copy(update={"synonyms": tuple(s for s in metric.synonyms if s.casefold() not in taken)})


def load_catalog(directory: Path) -> Catalog:
    """The catalog of every `*.yml` file in a folder and below; empty where there is none.

    Raises:
        InvalidWorkspace: every fault with file and line, of reading and of meaning.
    """
    catalog, faults = read_catalog(directory)
    if faults:
        raise InvalidWorkspace(faults)
    return catalog


def read_catalog(directory: Path) -> tuple[Catalog, list[Fault]]:
    """What is valid of a folder's definitions, to be checked further, and every fault of reading and of meaning."""
    digest = hashlib.sha256()
    readings = []
    for path in metric_files(directory):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        readings.append(read_file(path))
    catalog = _assemble(readings, digest.hexdigest())
    return catalog, in_file_order([*(f for r in readings for f in r.faults), *check_definitions(catalog)])


def metric_files(directory: Path) -> list[Path]:
    """The definition files of a folder and those below it, by path."""
    return sorted([*directory.glob("**/*.yml"), *directory.glob("**/*.yaml")])


_cached: dict[Path, tuple[tuple[tuple[str, int, int], ...], Catalog]] = {}


def catalog_of(workspace: Workspace) -> Catalog:
    """The workspace's catalog, read again only when a file of `metrics/` has changed."""
    directory = workspace.root / "metrics"
    stats = [(str(p), p.stat()) for p in metric_files(directory)]
    identity = tuple((name, s.st_mtime_ns, s.st_size) for name, s in stats)
    known = _cached.get(directory)
    if known is None or known[0] != identity:
        known = (identity, load_catalog(directory))
        _cached[directory] = known
    return known[1]
