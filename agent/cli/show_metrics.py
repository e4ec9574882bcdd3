"""One metric as a page, a query's result as figures."""

from __future__ import annotations

from typing import Any

from agent.cli.define_metric import write_conditions
from agent.cli.figure_table import print_figures
from agent.cli.metric_list import check_visible, count_definitions, describe_metric_briefly
from agent.cli.output import embolden, print_sql, wrap
from tools.access import Asker
from tools.errors import TransectError
from tools.metrics import MetricQuery, QueryResult
from tools.workspace import Workspace


def describe_metric(name: str, *, workspace: Workspace, asker: Asker) -> dict[str, Any]:
    """One metric with what it can be cut by and the SQL over all its data (or why there is none for this role)."""
    from tools.metrics import catalog_of, run_query, visible_dimensions  # start-up

    catalog = catalog_of(workspace)
    check_visible(name, catalog, asker=asker, policy=workspace.settings.access)
    described = describe_metric_briefly(catalog, name)
    dataset = catalog.base_dataset(name)
    metric = catalog.metric(name)
    described |= {
        "description": metric.description,
        "row": dataset.unit,
        "filters": write_conditions(dataset.where),
        "time": metric.time or dataset.time,
        "dimensions": [
            key
            for key, refs in visible_dimensions(name, catalog, asker=asker, policy=workspace.settings.access).items()
            if not refs[0].measured
        ],
        "requires": list(metric.requires),
        "caveats": list(metric.caveats),
        "better": metric.better,
        "history": [change.model_dump(mode="json", by_alias=True) for change in metric.history],
        "min_n": metric.min_n,
        "stale_after_days": metric.stale_after_days,
        "sql": [],
        "sql_missing": None,
    }
    try:
        described["sql"] = list(run_query(MetricQuery(metrics=(name,)), workspace=workspace, asker=asker).sql)
    except TransectError as error:
        described["sql_missing"] = error.message
    return described


def show_description(described: dict[str, Any]) -> None:
    """One metric as a page."""
    owner = f", owner {described['owner']}" if described["owner"] else ""
    print(embolden(f"{described['name']}  (version {described['version']}, {described['kind']}{owner})"))
    if described["description"]:
        print(wrap(described["description"]))
    print()
    lines = {
        "Definition": described["definition"],
        "Rows of": f"{described['dataset']}: one row is one {described['row']}",
        "Only where": described["filters"],
        "Time": described["time"],
        "Cut by": ", ".join(described["dimensions"]),
        "Needs": ", ".join(described["requires"]),
        "Also called": ", ".join(described["synonyms"]),
        "Smallest n": described["min_n"] or None,
        "Stale after": f"{described['stale_after_days']} days" if described["stale_after_days"] is not None else None,
        "Caveats": " ".join(described["caveats"]),
        "Better": described["better"],
        "Versions": "; ".join(_version(change) for change in described["history"]),
    }
    for name, value in lines.items():
        if value:
            print(wrap(str(value), label=name))
    print_sql(described["sql"], title="SQL, over all its data")
    if described["sql_missing"]:
        print(wrap(described["sql_missing"], label="No SQL"))


def _version(change: dict[str, Any]) -> str:
    restated = ", days before counted again" if change["restated"] else ""
    return f"{change['version']} from {change['from']} ({change['note'].rstrip('.')}{restated})"


def check_everything(workspace: Workspace) -> dict[str, int]:
    """How much was checked, the definitions among themselves and against the data; InvalidWorkspace lists faults."""
    from tools.metrics import check_workspace  # start-up

    catalog = check_workspace(workspace)
    metrics, measures = count_definitions(catalog)
    return {
        "metrics": metrics,
        "measures": measures,
        "datasets": len(catalog.datasets),
        "relationships": len(catalog.relationships),
        "verified queries": len(catalog.verified_queries),
    }


def show_result(result: QueryResult) -> None:
    """The table (or the figures in words), how it is known, assumptions and caveats, then the SQL."""
    from tools.reporting.format import format_interval, format_n, format_name, format_period, format_slice  # start-up

    if result.table is not None and len(result.figures) > 1:
        print_figures(result.figures, result.table)
    else:
        for figure in result.figures:
            n = "" if figure.n == figure.value else format_n(figure)
            about = ", ".join(t for t in (format_slice(figure.slice), n, format_period(figure.period)) if t)
            print(f"{embolden(format_name(figure.metric))}: {format_interval(figure)}  ({about})")
    _show_ground(result)
    for title, lines in (("Assumed", result.assumptions), ("Mind", result.caveats)):
        for line in lines:
            print(wrap(line, label=title))
    print_sql(result.sql)


def _show_ground(result: QueryResult) -> None:
    """How the numbers are known: version, basis, level and period."""
    from tools.figure import Period  # start-up
    from tools.reporting.format import format_level, format_period

    known: dict[str, None] = {}
    for figure in result.figures:
        level = f", intervals at {format_level(figure)}" if figure.level is not None else ""
        known[f"{figure.metric} v{figure.version}: {figure.basis.replace('_', ' ')}{level}"] = None
    print()
    for line in known:
        print(wrap(line, label="Known by"))
    periods = [figure.period for figure in result.figures if figure.period is not None]
    if result.table is not None and {"new", "old"} <= set(result.table.columns) and len(periods) > 2:
        print(wrap(f"new is {format_period(periods[1])}, old is {format_period(periods[2])}", label="Periods"))
    elif periods:
        whole = Period(start=min(p.start for p in periods), end=max(p.end for p in periods))
        print(wrap(format_period(whole), label="Period"))
