"""The part of a catalog that an asker, and everyone who reads the answer, may know of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.access import Asker, decide
from tools.errors import Declined, InvalidInput
from tools.metrics.catalog import Catalog
from tools.metrics.definitions import Metric
from tools.metrics.nearest import nearest_names
from tools.metrics.reach import DimensionRef
from tools.metrics.usage import dimension_usage, metric_usage

if TYPE_CHECKING:
    from tools.access import Policy


def visible_metrics(catalog: Catalog, *, asker: Asker, policy: Policy) -> list[str]:
    """Every metric whose data may be used, those that a measure stands for included; in the catalog's order."""
    return [n for n in catalog.metrics if not isinstance(decide(asker, metric_usage(n, catalog), policy), Declined)]


def visible_dimensions(
    metric: str, catalog: Catalog, *, asker: Asker, policy: Policy
) -> dict[str, tuple[DimensionRef, ...]]:
    """What a metric can be cut by (its measures, for conditions, included), as far as the columns may be used."""
    return {
        name: refs
        for name, refs in catalog.shared_dimensions_for(metric).items()
        if not any(isinstance(decide(asker, dimension_usage(ref, catalog), policy), Declined) for ref in refs)
    }


@dataclass(frozen=True)
class Visible:
    """What an error may name: dimensions of a metric by key, and `dataset.dimension` of every dataset."""

    keys: frozenset[str]
    dimensions: frozenset[str]


def visible_for(metric: str, catalog: Catalog, *, asker: Asker, policy: Policy) -> Visible:
    """What may be named to the asker and every reader when a cut of `metric` fails."""
    every = [DimensionRef(d.name, owner.name, d) for owner in catalog.datasets.values() for d in owner.dimensions]
    return Visible(
        keys=frozenset(visible_dimensions(metric, catalog, asker=asker, policy=policy)),
        dimensions=frozenset(
            f"{ref.dataset}.{ref.name}"
            for ref in every
            if not isinstance(decide(asker, dimension_usage(ref, catalog), policy), Declined)
        ),
    )


def find_metric(name: str, catalog: Catalog, *, asker: Asker, policy: Policy) -> Metric:
    """The metric of this name; whether it may be used is `access.decide`'s to say.

    Raises:
        InvalidInput: there is none; the names nearest to it are those that may be known.
    """
    if name in catalog.metrics:
        return catalog.metrics[name]
    shown = visible_metrics(catalog, asker=asker, policy=policy)
    raise InvalidInput(
        f"There is no metric {name!r}.",
        code="unknown_metric",
        value=name,
        allowed=nearest_names(name, shown) or sorted(shown)[:8],
        hint="`transect metrics list` shows every metric.",
    )
