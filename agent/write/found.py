"""How a figure was found: definitions, method, rows, period, conditions, assumptions."""

from __future__ import annotations

from collections.abc import Sequence

from agent.write.headline import describe_conditions
from tools.figure import Figure
from tools.metrics.definitions import Metric
from tools.metrics.query import MetricQuery, QueryResult
from tools.reporting.format import format_level, format_n, format_name, format_period
from tools.reporting.prose import render

_TO_THE_MINUTE = len("2026-03-31 23:58")
_BASIS = {
    "full_count": "Counted in full; no sampling error.",
    "sample": "Estimated from a sample.",
    "model_labelled": "Rests on a model's labels.",
    "corrected": "Corrected for labeller error.",
}


def write_found(
    query: MetricQuery,
    result: QueryResult,
    metrics: Sequence[Metric],
    assumptions: Sequence[str],
    times: Sequence[str] = (),
) -> list[str]:
    """One plain sentence a line; `times` are the columns that days are counted by."""
    lines = [describe_definition(m) for m in metrics]
    figures = [f for f in result.figures if f.value is not None] or list(result.figures)
    if figures:
        lines.append(_basis(figures))
        lines.append(_period(figures, times if query.period is not None or query.grain is not None else ()))
    if query.where:
        lines.append(
            render("Only rows with {conditions}.", conditions=describe_conditions(query.where).removeprefix(", "))
        )
    if query.share_over:
        lines.append(
            render(
                "Shares are of all rows whatever their {over}.",
                over=" and ".join(format_name(d) for d in query.share_over),
            )
        )
    if result.tables:
        lines.append(render("Read from {tables}.", tables=", ".join(result.tables)))
    return [*lines, *assumptions]


def describe_definition(metric: Metric) -> str:
    """Name, version, owner and description."""
    description = metric.description or render("A {kind} metric.", kind=metric.kind)
    return render(
        "{name}, version {version}{owner}: {description}",
        name=metric.name,
        version=str(metric.version),
        owner=render(", owned by {owner}", owner=metric.owner) if metric.owner else "",
        description=description if description.endswith((".", "!", "?")) else description + ".",
    )


def _basis(figures: Sequence[Figure]) -> str:
    first = figures[0]
    if first.basis == "full_count":
        return _BASIS["full_count"]
    rows = sorted(f.n for f in figures if f.n is not None)
    spread = render("n from {least} to {most}", least=f"{rows[0]:,}", most=f"{rows[-1]:,}") if rows else "n unknown"
    return render(
        "{basis} Method: {method}; {n}{level}.",
        basis=_BASIS[first.basis],
        method=", ".join(dict.fromkeys(f.method for f in figures)),
        n=format_n(first) if len(figures) == 1 else spread,
        level=render("; intervals at {level}", level=format_level(first)) if first.level is not None else "",
    )


def _period(figures: Sequence[Figure], times: Sequence[str]) -> str:
    spans = [f.period for f in figures if f.period is not None]
    if not spans:
        return "The data has no time column; all rows count."
    newest = figures[0].as_of
    whole = spans[0].model_copy(update={"start": min(s.start for s in spans), "end": max(s.end for s in spans)})
    return render(
        "Period: {period}{by}{as_of}.",
        by=render(", by {times}", times=" and ".join(times)) if times else "",
        period=format_period(whole),
        as_of="" if newest is None else render("; newest data {newest}", newest=str(newest)[:_TO_THE_MINUTE]),
    )
