"""Metrics as a table, one metric as a page, a query's result as figures."""

from __future__ import annotations

import sys
from typing import Any

from agent.cli.define_metric import define_metric, write_conditions
from agent.cli.figure_table import print_figures
from agent.cli.output import embolden, print_table, terminal_width, wrap
from tools.access import Asker
from tools.errors import TransectError
from tools.metrics import Catalog, MetricQuery, QueryResult
from tools.workspace import Workspace

WIDE = 110  # columns that leave room for kind and owner


def describe_metrics(catalog: Catalog) -> list[dict[str, Any]]:
    """Every metric, also those that a measure stands for."""
    return [_describe(catalog, name) for name in catalog.metrics]


def show_metrics(catalog: Catalog) -> None:
    """The table of metrics, then the measures that can be averaged, summed and so on."""
    measured = {measure.metric for measure in catalog.measures}
    written = [catalog.metric(name) for name in catalog.metrics if name not in measured]
    rows = [(m.name, m.kind, m.owner, m.description or define_metric(m)) for m in written]
    if sys.stdout.isatty() and terminal_width(most=200) < WIDE:
        print_table(("metric", "what it is"), [(row[0], row[-1]) for row in rows], cut=True)
    else:
        print_table(("metric", "kind", "owner", "what it is"), rows, cut=True)
    measures: dict[tuple[str, str], list[str]] = {}
    for measure in catalog.measures:
        measures.setdefault((measure.dataset, measure.measure), []).append(measure.aggregation)
    if measures:
        print()
        measured_rows = [(name, dataset, ", ".join(names)) for (dataset, name), names in measures.items()]
        print_table(("measure", "of", "metrics <aggregation>_<measure>"), measured_rows, cut=True)
    print("\ntransect metrics show NAME describes one, with its SQL.")


def describe_metric(name: str, *, workspace: Workspace, asker: Asker) -> dict[str, Any]:
    """One metric with what it can be cut by and the SQL over all its data (or why there is none for this role)."""
    from tools.metrics import catalog_of, run_query  # start-up

    catalog = catalog_of(workspace)
    described = _describe(catalog, name)
    dataset = catalog.base_dataset(name)
    metric = catalog.metric(name)
    described |= {
        "description": metric.description,
        "row": dataset.unit,
        "filters": write_conditions(dataset.where),
        "time": metric.time or dataset.time,
        "dimensions": [k for k, r in catalog.dimensions_for(name).items() if not r.measured],
        "requires": list(metric.requires),
        "caveats": list(metric.caveats),
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
    }
    for name, value in lines.items():
        if value:
            print(wrap(str(value), label=name))
    for statement in described["sql"]:
        print("\nSQL, over all its data\n" + "\n".join(f"  {line}" for line in statement.strip().splitlines()))
    if described["sql_missing"]:
        print(wrap(described["sql_missing"], label="No SQL"))


def check_everything(workspace: Workspace) -> dict[str, int]:
    """How much was checked, the definitions among themselves and against the data; InvalidWorkspace lists faults."""
    from tools.errors import InvalidWorkspace  # start-up
    from tools.metrics import catalog_of
    from tools.metrics.check_columns import check_columns
    from tools.warehouse import open_warehouse

    catalog = catalog_of(workspace)
    faults = check_columns(catalog, open_warehouse(workspace).tables())
    if faults:
        raise InvalidWorkspace(faults)
    return {
        "metrics": len(catalog.metrics),
        "datasets": len(catalog.datasets),
        "relationships": len(catalog.relationships),
        "verified queries": len(catalog.verified_queries),
    }


def show_result(result: QueryResult) -> None:
    """The table (or the figures in words), assumptions and caveats, then the SQL."""
    from tools.reporting.format import format_interval, format_n, format_name, format_period, format_slice  # start-up

    if result.table is not None and len(result.figures) > 1:
        print_figures(result.figures, result.table)
    else:
        for figure in result.figures:
            about = ", ".join(
                t for t in (format_slice(figure.slice), format_n(figure), format_period(figure.period)) if t
            )
            print(f"{embolden(format_name(figure.metric))}: {format_interval(figure)}  ({about})")
    for title, lines in (("Assumed", result.assumptions), ("Mind", result.caveats)):
        for line in lines:
            print(wrap(line, label=title))
    for statement in result.sql:
        print("\nSQL\n" + "\n".join(f"  {line}" for line in statement.strip().splitlines()))


def _describe(catalog: Catalog, name: str) -> dict[str, Any]:
    metric = catalog.metric(name)
    return {
        "name": metric.name,
        "kind": metric.kind,
        "version": metric.version,
        "owner": metric.owner,
        "dataset": catalog.base_dataset(name).name,
        "unit": metric.unit,
        "definition": define_metric(metric),
        "synonyms": list(metric.synonyms),
    }
