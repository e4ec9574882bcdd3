"""One sentence for numbers of SQL text: it says first that no definition stands behind them."""

from __future__ import annotations

from collections.abc import Sequence

from tools.figure import Figure
from tools.reporting.format import format_slice, format_value
from tools.reporting.prose import render


def write_sql_headline(figures: Sequence[Figure]) -> str:
    """The number, or the first row of several."""
    known = [f for f in figures if f.value is not None] or list(figures)
    first = known[0]
    where = format_slice(first.slice)
    if len(figures) == 1:
        return render(
            "By SQL, not from a definition: {value}{where} (full count of what can be seen).",
            value=format_value(first),
            where=f", {where}" if where else "",
        )
    return render(
        "By SQL, not from a definition: {count} rows, the first {value}{where} (full counts of what can be seen).",
        count=str(len(figures)),
        value=format_value(first),
        where=f" for {where}" if where else "",
    )
