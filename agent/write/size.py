"""One sentence that says how large a sample must be."""

from __future__ import annotations

from collections.abc import Sequence

from agent.state import ChangeToSee
from agent.write.headline import describe_conditions, name_of
from tools.figure import Figure
from tools.metrics.query import MetricQuery
from tools.reporting.format import format_interval, format_period
from tools.reporting.prose import render


def write_size_headline(change: ChangeToSee, query: MetricQuery, figures: Sequence[Figure]) -> str:
    """The size, the change it shows, with which power and level, and the share it starts from."""
    size, share = figures
    words = {"up": "rise", "down": "drop", "either": "change"}[change.direction]
    return render(
        "{n} {noun} in each of two samples would show {kind} {words} of {step} in {metric}{where} with {power} power "
        "at the {level} level, starting from {share}, {period}.",
        n=format_interval(size),
        noun=change.noun,
        kind="an absolute" if change.points else "a relative",
        words=words,
        step=f"{100 * change.size:.6g}" + (" points" if change.points else "%"),
        metric=name_of(query, share.metric).lower(),
        where=describe_conditions(query.where),
        power=str(size.slice["power"]),
        level=str(size.slice["level"]),
        share=format_interval(share),
        period=format_period(share.period),
    )
