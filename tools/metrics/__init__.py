"""The semantic layer: definitions checked into a catalog, and queries of it answered with figures."""

from tools.metrics.catalog import Catalog, build_catalog, catalog_of, load_catalog
from tools.metrics.measures import ExpandedMeasure
from tools.metrics.query import MetricQuery, QueryResult, Table, Where
from tools.metrics.reach import DimensionRef

__all__ = [
    "Catalog",
    "DimensionRef",
    "ExpandedMeasure",
    "MetricQuery",
    "QueryResult",
    "Table",
    "Where",
    "build_catalog",
    "catalog_of",
    "load_catalog",
]
