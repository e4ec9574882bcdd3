"""The list of metrics: what a role may ask for, as rows and as a table that fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.cli.define_metric import define_metric
from agent.cli.output import embolden, print_table, terminal_width, wrap
from tools.access import Asker, Usage, decide
from tools.errors import Declined
from tools.metrics import Catalog

if TYPE_CHECKING:
    from tools.access import Policy

ROOM = 32  # columns that a description needs beside the others; with less it stands below


def list_visible(catalog: Catalog, *, asker: Asker, policy: Policy) -> list[str]:
    """Every metric whose data the asker may use.

    Raises:
        Declined: the asker has no role, or one that does not exist.
    """
    from tools.metrics import visible_metrics  # start-up

    _check_role(asker, policy)
    return visible_metrics(catalog, asker=asker, policy=policy)


def pick_named(names: list[str], words: Sequence[str], catalog: Catalog) -> list[str]:
    """The metrics in whose name, synonyms, owner, kind, dataset or description every word occurs."""
    return [name for name in names if all(word.casefold() in _said_of(name, catalog) for word in words)]


def _said_of(name: str, catalog: Catalog) -> str:
    metric = catalog.metric(name)
    dataset = catalog.base_dataset(name).name
    said = (name, name.replace("_", " "), *metric.synonyms, metric.owner, metric.kind, dataset, metric.description)
    return "\n".join(said).casefold()


def _check_role(asker: Asker, policy: Policy) -> None:
    allowed = decide(asker, Usage(), policy)
    if isinstance(allowed, Declined):
        raise allowed


def check_visible(name: str, catalog: Catalog, *, asker: Asker, policy: Policy) -> None:
    """Nothing, or the error that there is no such metric or that the asker may not see what it reads."""
    from tools.metrics import find_metric, metric_usage  # start-up

    find_metric(name, catalog, asker=asker, policy=policy)
    _check_role(asker, policy)
    if isinstance(decide(asker, metric_usage(name, catalog), policy), Declined):
        raise Declined(
            f"The metric {name!r} reads data that role {' or '.join(map(repr, asker.roles))} may not use.",
            reason="not_permitted",
            value=name,
            hint="transect metrics list shows what this role may ask for.",
        )


def count_definitions(catalog: Catalog) -> tuple[int, int]:
    """Metrics and measures as they are written; a measure stands for one metric an aggregation."""
    return len(catalog.metrics) - len(catalog.measures), len({(m.dataset, m.measure) for m in catalog.measures})


def describe_metric_briefly(catalog: Catalog, name: str) -> dict[str, Any]:
    """One metric of the list."""
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


def show_metrics(catalog: Catalog, names: list[str], *, hidden: int) -> None:
    """The metrics, then the measures that can be averaged, summed and so on, then how many are `hidden`."""
    listed = set(names)
    measures = [measure for measure in catalog.measures if measure.metric in listed]
    measured = {measure.metric for measure in measures}
    written = [name for name in names if name not in measured]
    if not names:
        print("There is no metric to list.")
    else:
        _show_written(catalog, written)
    ways: dict[tuple[str, str], list[str]] = {}
    for measure in measures:
        ways.setdefault((measure.measure, measure.dataset), []).append(measure.aggregation)
    if ways:
        print()
        rows = [(name, dataset, ", ".join(found)) for (name, dataset), found in ways.items()]
        print_table(("measure", "dataset", "metrics <aggregation>_<measure>"), rows, width=terminal_width(most=160))
    counts = f"{_count(len(written), 'metric')} and {_count(len(ways), 'measure')}"
    if ways:
        counts += f" ({_count(len(measured), 'metric')} more)"
    left_out = f" Left out: {hidden} on data that this role may not see." if hidden else ""
    print("\n" + wrap(f"{counts}.{left_out} transect metrics show NAME describes one, with its SQL."))


def _show_written(catalog: Catalog, names: list[str]) -> None:
    """A table where the descriptions have room in it, else two or more lines a metric."""
    columns = ("metric", "kind", "dataset", "owner", "what it is")
    rows = []
    for name in names:
        metric, dataset = catalog.metric(name), catalog.base_dataset(name).name
        rows.append((name, metric.kind, dataset, metric.owner or "", metric.description or define_metric(metric)))
    width = terminal_width(most=160)
    taken = sum(max(len(row[i]) for row in [columns, *rows]) + 2 for i in range(len(columns) - 1))
    if width - taken >= ROOM:
        print_table(columns, rows, width=width)
        return
    for name, kind, dataset, owner, description in rows:
        about = f"{kind} of {dataset}" + (f", owner {owner}" if owner else "")
        fits = len(name) + 2 + len(about) <= width
        print(embolden(name) + (f"  {about}" if fits else "\n" + wrap(about, label=" ", indent=4)))
        print(wrap(description, label=" ", indent=4))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
