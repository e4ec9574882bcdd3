"""Moments of a sample per cell, as SQL."""

from __future__ import annotations

from tools.metrics.definitions import Metric, Percentile
from tools.metrics.sample_design import weight_column, weight_sql
from tools.metrics.sample_rows import outcome_sql
from tools.metrics.selection import Selection, indent, select_sql, unique_names
from tools.metrics.sql import quote


def moments_sql(metric: Metric, selection: Selection) -> str:
    """Moments per cell and stratum, or per cell, stratum and cluster; of a percentile, its weighted distribution."""
    columns = selection.dataset.design
    assert columns is not None, "only sampled datasets come here"
    source = weight_column(columns)
    weight = weight_sql(columns, selection.column(source)) if source is not None else "1e0"
    y, x, filled = outcome_sql(metric, selection)
    keys = list(zip(selection.key_sql(), _key_names(selection), strict=True))
    inner = [*keys, (selection.column(columns.strata) if columns.strata is not None else "1", "stratum")]
    groups = ["stratum"]
    if columns.cluster is not None:
        inner.append((selection.column(columns.cluster), "cluster"))
        groups.append("cluster")
    inner += [(weight, "w"), (y, "y")]
    if x is not None:
        inner.append((x, "x"))
    rows = select_sql(inner, source=selection.from_sql(), where=[*selection.where_sql(), *filled])
    if isinstance(metric, Percentile):
        groups.append("y")
        sums = {"n": "count(*)", "sum_w": "sum(w)", "sum_ww": "sum(w * w)"}
    else:
        sums = moments(with_x=x is not None, clustered=columns.cluster is not None)
    names = [*(name for _, name in keys), *groups]
    outer = [*((quote(name), name) for name in names), *((text, alias) for alias, text in sums.items())]
    return select_sql(outer, source=f"from (\n{indent(rows)}\n) as sampled", groups=len(names))


def moments(*, with_x: bool, clustered: bool) -> dict[str, str]:
    """Name -> SQL of the sums the estimators take; those of squared weights where rows were drawn directly."""
    products = ["w", "wy", "y", "wyy"] + (["wx", "wxy", "wxx"] if with_x else [])
    if not clustered:
        products += ["ww", "wwy", "wwyy"] + (["wwx", "wwxy", "wwxx"] if with_x else [])
    sums = {f"sum_{product}": f"sum({' * '.join(product)})" for product in products}
    return {"n": "count(*)", **sums, **({} if clustered else {"max_w": "max(w)"})}


def _key_names(selection: Selection) -> list[str]:
    reserved = ["stratum", "cluster", "w", "y", "x", "n", "sampled"]
    return unique_names([*reserved, *selection.key_names()])[len(reserved) :]
