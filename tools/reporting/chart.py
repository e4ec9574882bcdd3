"""Figures as a chart that a newsroom would print: PNG, SVG, Vega-Lite and alt text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tools.errors import InvalidInput
from tools.figure import Break, Figure
from tools.reporting.describe import describe_chart, describe_source, describe_subtitle
from tools.reporting.horizontal import draw_horizontal
from tools.reporting.layout import lay_out
from tools.reporting.render import render
from tools.reporting.timeline import draw_timeline


@dataclass(frozen=True)
class Chart:
    """One chart.

    Attributes:
        png, svg: paths of the pictures.
        vega_lite: the specification, complete with its data.
        alt: the chart in words.
    """

    png: str
    svg: str
    vega_lite: dict[str, Any]
    alt: str


def draw_chart(
    figures: Sequence[Figure],
    *,
    title: str,
    directory: Path,
    subtitle: str = "",
    kind: Literal["auto", "bar", "line", "dot"] = "auto",
    grain: Literal["day", "week", "month"] | None = None,
    source: str = "",
    breaks: Sequence[Break] = (),
) -> Chart:
    """Draw `figures` and write the pictures into `directory`.

    Full counts become bars from zero; estimates become dots with their intervals; several periods become a line with a
    band, dashed where provisional; [difference, new, old] becomes a comparison. Undefined figures are gaps with a note,
    one-sided bounds are arrows. Nothing is fetched: the fonts and the renderer are installed with the program.

    Args:
        figures: what to draw, in the table's order; at least one. Figures of another unit than the first are left out,
            with a note.
        title: the metric and the slice, in words.
        directory: where the files go; named by a hash of their content, so the same chart is rendered once.
        subtitle: by default the estimate, its interval and period.
        kind: by default chosen as above.
        grain: of a series, said in the default subtitle.
        source: by default n, definition, as-of date and basis.
        breaks: days from which on a series measures something else; its line is not drawn across them.

    Raises:
        InvalidInput: no figures, or a line of figures without periods.
    """
    spec, alt = chart_spec(
        figures, title=title, subtitle=subtitle, kind=kind, grain=grain, source=source, breaks=breaks
    )
    files = render(spec, directory=directory)
    return Chart(png=str(files.png), svg=str(files.svg), vega_lite=spec, alt=alt)


def chart_spec(
    figures: Sequence[Figure],
    *,
    title: str,
    subtitle: str = "",
    kind: Literal["auto", "bar", "line", "dot"] = "auto",
    grain: Literal["day", "week", "month"] | None = None,
    source: str = "",
    breaks: Sequence[Break] = (),
) -> tuple[dict[str, Any], str]:
    """The Vega-Lite specification and the alt text, without rendering."""
    if not figures:
        raise InvalidInput("a chart needs at least one figure", code="no_figures", value=0, hint="draw nothing instead")
    if kind == "line" and any(f.period is None for f in figures):
        raise InvalidInput(
            "a line chart needs figures with a period", code="no_period", value=kind, allowed=["auto", "bar", "dot"]
        )
    layout = lay_out(figures, kind=kind, breaks=breaks)
    alt = describe_chart(layout, title=title)
    draw = draw_timeline if layout.kind == "line" else draw_horizontal
    spec = draw(
        layout,
        title=title,
        subtitle=subtitle or describe_subtitle(layout, grain=grain),
        source=source or describe_source(layout),
        alt=alt,
    )
    return spec, alt
