"""Figures for people: words, charts and text charts. Altair and vl-convert load when the first chart is drawn."""

from tools.reporting.chart import Chart, draw_chart
from tools.reporting.format import (
    format_change,
    format_interval,
    format_label,
    format_n,
    format_name,
    format_period,
    format_range,
    format_slice,
    format_value,
)
from tools.reporting.text_chart import draw_text_chart

__all__ = [
    "Chart",
    "draw_chart",
    "draw_text_chart",
    "format_change",
    "format_interval",
    "format_label",
    "format_n",
    "format_name",
    "format_period",
    "format_range",
    "format_slice",
    "format_value",
]
