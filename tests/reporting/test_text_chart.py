"""The terminal chart: widths, alignment, gaps; expected pictures were drawn by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reporting.figures import FEBRUARY, counted, nothing_found, sampled, weekly
from tools.figure import Figure
from tools.reporting import draw_text_chart
from tools.reporting.text_width import columns, fit, pad, pixels, wrap


def test_bars_are_proportional_and_numbers_aligned() -> None:
    figures = [counted(v, unit="count", slice={"s": s}) for s, v in (("dm", 4000), ("feed", 1000), (None, 20))]
    assert draw_text_chart(figures, width=40, ascii=True).splitlines() == [
        "dm         ####################### 4,000",
        "feed       ######                  1,000",
        "(no value) #                          20",
    ]


def test_intervals_are_ranges() -> None:
    text = draw_text_chart([sampled(0.5, 0.25, 0.75, slice={"s": "a"}), counted(1.0, slice={"s": "b"})], width=60)
    assert "50% (25% to 75%)" in text
    assert "░" in text
    assert "●" in text


def test_a_bound_and_a_gap() -> None:
    text = draw_text_chart(
        [nothing_found(0.0003, slice={"s": "a"}), counted(None, undefined="no rows", slice={"s": "b"})]
    )
    assert "fewer than 3.0 per 10,000" in text
    assert "undefined: no rows" in text
    assert "No value in 1 of 2 (shown as a gap): no rows." in text


def test_a_long_series_is_a_sparkline_with_its_marked_points() -> None:
    lines = draw_text_chart(weekly([0.01 + 0.001 * (i % 7) for i in range(30)])).splitlines()
    assert len(lines) <= 24
    assert [line.split()[0] for line in lines[1:5]] == ["first", "last", "highest", "lowest"]
    assert "1.0% (0.9% to 1.1%)" in lines[1] or "1.00% (0.90% to 1.10%)" in lines[1]
    assert lines[-1].endswith("heights from zero")


def test_a_short_series_has_a_row_a_period() -> None:
    figures = weekly([0.2, None, 0.1])
    figures[2] = figures[2].model_copy(update={"status": "provisional"})
    lines = draw_text_chart(figures, width=90).splitlines()
    assert lines[0].startswith("1-7 December 2025 ")
    assert "undefined: no rows" in lines[1]
    assert lines[2].startswith("15-21 December 2025 *")
    assert lines[-1] == "* provisional: may still change."


def test_a_comparison_ends_with_the_change() -> None:
    figures = [counted(-1200, unit="count"), counted(8000, unit="count"), counted(9200, unit="count", period=FEBRUARY)]
    lines = draw_text_chart(figures).splitlines()
    assert [line.split()[0] for line in lines] == ["February", "March", "change:"]
    assert lines[-1] == "change: -1,200"


def test_no_figures_no_text() -> None:
    assert draw_text_chart([]) == ""


LABELS = st.text(min_size=0, max_size=60) | st.sampled_from(["日本語のラベル" * 5, "é" * 70, "👍🏽 ok", "\x1b[2J"])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(LABELS, st.floats(-1e9, 1e9), st.none() | st.floats(0, 1e6)), min_size=1, max_size=40),
    st.integers(30, 120),
    st.booleans(),
)
def test_no_line_is_wider_than_the_terminal(
    rows: list[tuple[str, float, float | None]], width: int, ascii_only: bool
) -> None:
    figures: list[Figure] = [
        counted(v, unit="count", slice={"s": label})
        if spread is None
        else sampled(v, v - spread, v + spread, unit="count", slice={"s": label})
        for label, v, spread in rows
    ]
    text = draw_text_chart(figures, width=width, ascii=ascii_only)
    assert all(columns(line) <= width for line in text.splitlines())
    assert len(text.splitlines()) <= 26
    assert "\x1b" not in text


def test_ascii_means_ascii() -> None:
    for figures in (weekly([0.1, 0.2, None] * 12), [sampled(0.5, 0.2, 0.8)], [counted(0.5)]):
        assert draw_text_chart(figures, ascii=True).isascii()


def test_wide_characters_count_twice() -> None:
    assert columns("日本") == 4
    assert columns("e\u0301") == 1
    assert fit("日本語のラベル", 9) == "日本語..."
    assert columns(pad("日本", 6)) == 6
    assert pad("7", 3, right=True) == "  7"


@pytest.mark.parametrize("text", ["a" * 500, "one two three " * 30, "日本語" * 60, "x"])
def test_wrapped_lines_fit_their_pixels(text: str) -> None:
    lines = wrap(text, 200, 13)
    assert len(lines) <= 2
    assert all(pixels(line, 13) <= 201 for line in lines)
    if len(text) > 100:
        assert lines[-1].endswith("...")
