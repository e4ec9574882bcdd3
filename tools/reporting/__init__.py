"""Figures for people: as words, as charts and as text charts. Altair and vl-convert load when the first chart is drawn."""

from tools.reporting.chart import Chart, draw_chart
from tools.reporting.format import (
    format_interval,
    format_label,
    format_n,
    format_name,
    format_period,
    format_range,
    format_slice,
    format_value,
)

__all__ = [
    "Chart",
    "draw_chart",
    "format_interval",
    "format_label",
    "format_n",
    "format_name",
    "format_period",
    "format_range",
    "format_slice",
    "format_value",
]
