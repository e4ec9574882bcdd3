"""Which columns of a dataset the definitions of a catalog use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.metrics.check_metric import columns_of
from tools.metrics.definitions import Dataset

if TYPE_CHECKING:
    from tools.metrics.catalog import Catalog


def times_used(dataset: Dataset, catalog: Catalog) -> list[str]:
    """The dataset's time column first, then those that a metric names instead."""
    named = [
        c for m in catalog.metrics.values() for keys, of, c in columns_of(m) if of == dataset.name and keys == ("time",)
    ]
    return list(dict.fromkeys([*([dataset.time] if dataset.time is not None else []), *named]))


def columns_used(dataset: Dataset, catalog: Catalog) -> list[str]:
    """Every column a metric, dimension, measure, filter or time of the dataset names."""
    named = [column for m in catalog.metrics.values() for _, of, column in columns_of(m) if of == dataset.name]
    return list(
        dict.fromkeys(
            [
                *times_used(dataset, catalog),
                *(d.column for d in dataset.dimensions),
                *(m.column for m in dataset.measures),
                *named,
            ]
        )
    )
