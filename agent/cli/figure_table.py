"""Figures as a table for people: what each is of, its value and interval in words, n and positives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.cli.output import print_table
from tools.figure import Figure

if TYPE_CHECKING:
    from tools.metrics import Table


def print_figures(figures: Sequence[Figure], table: Table) -> None:
    """A row a figure where the table has one; side by side metrics and comparisons as the table has them."""
    metric = figures[0].metric
    if len(table.rows) != len(figures) or any(figure.metric != metric for figure in figures):
        print_table(table.columns, table.rows)
        return
    from tools.reporting import format_range, format_value  # start-up

    named = [column for column in table.columns if not column.startswith(metric)]
    columns = [*named, metric, "interval", "n", "positives"]
    found = zip(table.rows, figures, strict=True)
    counted = all(f.n == f.value for f in figures)  # then n says what the value says
    rows = [
        (*row[: len(named)], format_value(f), format_range(f), None if counted else f.n, f.positives)
        for row, f in found
    ]
    kept = [i for i in range(len(columns)) if i < len(named) or any(row[i] not in (None, "") for row in rows)]
    print_table([columns[i] for i in kept], [[row[i] for i in kept] for row in rows], right={metric, "interval"})
