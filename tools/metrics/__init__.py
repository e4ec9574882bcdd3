"""The semantic layer: definitions checked into a catalog, and queries of it answered with figures."""

from tools.metrics.catalog import Catalog, build_catalog, catalog_of, load_catalog
from tools.metrics.check_data import check_catalog
from tools.metrics.check_workspace import check_workspace
from tools.metrics.measures import ExpandedMeasure
from tools.metrics.profile import DatasetProfile, Profile, profile_of
from tools.metrics.query import MetricQuery, QueryResult, Table, Where
from tools.metrics.reach import DimensionRef
from tools.metrics.run import run_query
from tools.metrics.usage import metric_usage, time_usage
from tools.metrics.visible import find_metric, visible_dimensions, visible_metrics

__all__ = [
    "Catalog",
    "DatasetProfile",
    "DimensionRef",
    "ExpandedMeasure",
    "MetricQuery",
    "Profile",
    "QueryResult",
    "Table",
    "Where",
    "build_catalog",
    "catalog_of",
    "check_catalog",
    "check_workspace",
    "find_metric",
    "load_catalog",
    "metric_usage",
    "profile_of",
    "run_query",
    "time_usage",
    "visible_dimensions",
    "visible_metrics",
]
