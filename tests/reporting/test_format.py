"""The words of a figure; every expected text was written by hand."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reporting.figures import counted, days, nothing_found, sampled
from tools.figure import Figure, Period
from tools.reporting import (
    format_change,
    format_interval,
    format_n,
    format_period,
    format_range,
    format_slice,
    format_value,
)
from tools.reporting.format import format_label


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (counted(747 / 5574), "13.4%"),
        (counted(0.1304), "13.0%"),
        (counted(0.5), "50%"),
        (counted(0.0123456), "1.23%"),
        (counted(0), "0%"),
        (counted(1), "100%"),
        (counted(0.9997), "99.97%"),
        (counted(0.99999), "99.999%"),
        (counted(0.00031), "3.1 per 10,000"),
        (counted(3e-8), "0.03 per million"),
        (counted(-0.12), "-12%"),
        (counted(1234, unit="count"), "1,234"),
        (counted(12345678, unit="count"), "12,345,678"),
        (counted(3.456, unit="count"), "3.46"),
        (counted(12345.678, unit="count"), "12,346"),
        (counted(12.4, unit="usd"), "$12.40"),
        (counted(-3.2, unit="usd"), "-$3.20"),
        (counted(0.0123, unit="usd"), "$0.0123"),
        (counted(1234567.89, unit="usd"), "$1,234,568"),
        (counted(0.35, unit="seconds"), "0.35 s"),
        (counted(45, unit="seconds"), "45 s"),
        (counted(133.4, unit="seconds"), "2 min 13 s"),
        (counted(3599.7, unit="seconds"), "1 h"),
        (counted(7980, unit="seconds"), "2 h 13 min"),
        (counted(300000, unit="seconds"), "3 d 11 h"),
        (counted(1.2, unit="hours"), "1 h 12 min"),
        (counted(-7980, unit="seconds"), "-2 h 13 min"),
        (counted(3.21, unit="per_1000"), "3.21 per 1,000"),
        (counted(1.3, unit="points"), "+1.3 points"),
        (counted(-1, unit="points"), "-1 point"),
        (counted(1.337, unit="ratio"), "1.34"),
        (sampled(0.8123, 0.79, 0.83, unit="index"), "0.812"),
        (sampled(0.021, 0.018, 0.0241), "2.10%"),
        (sampled(123456, 118000, 128900, unit="count"), "123,500"),
        (nothing_found(0.000311), "fewer than 3.2 per 10,000"),
        (nothing_found(0.0201), "fewer than 2.1%"),
        (sampled(0, 0, 0.02), "fewer than 2.0%"),
        (sampled(1, 0.9871, 1, one_sided=True), "more than 98.7%"),
        (counted(None, undefined="no rows"), "undefined: no rows"),
        (counted(None, undefined="small_cell"), "too few to show"),
    ],
)
def test_values(figure: Figure, text: str) -> None:
    assert format_value(figure) == text


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (sampled(0.021, 0.018, 0.0241), "2.10% (95% interval 1.80% to 2.41%)"),
        (sampled(0.0008, 0.0004, 0.0015), "8 per 10,000 (95% interval 4 to 15 per 10,000)"),
        (sampled(0.001, 0.0001, 0.005), "0.10% (95% interval 0.01% to 0.50%)"),
        (sampled(-0.7, -1.2, -0.2, unit="points"), "-0.7 points (95% interval -1.2 to -0.2 points)"),
        (sampled(0.5, 0.0, 1.0), "50% (95% interval 0% to 100%)"),
        (sampled(133.4, 120, 150, unit="seconds"), "2 min 13 s (95% interval 2 min to 2 min 30 s)"),
        (sampled(500, 180, 820, unit="count"), "500 (95% interval 180 to 820)"),
        (sampled(0.021, 0.018, 0.0241, level=0.995), "2.10% (99.5% interval 1.80% to 2.41%)"),
        (nothing_found(0.000311), "fewer than 3.2 per 10,000 (95% upper bound)"),
        (counted(0.25), "25%"),
    ],
)
def test_intervals(figure: Figure, text: str) -> None:
    assert format_interval(figure) == text


def test_a_difference_of_counts_can_carry_its_sign() -> None:
    assert format_value(counted(1200, unit="count"), signed=True) == "+1,200"
    assert format_value(counted(1200, unit="count")) == "1,200"
    assert format_value(counted(1.3, unit="points"), signed=False) == "1.3 points"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (sampled(-0.007, -0.012, -0.002), "-0.7 points (95% interval -1.2 to -0.2 points)"),
        (sampled(0.0002, -0.0001, 0.0005), "+2.0 per 10,000 (95% interval -1.0 to 5.0 per 10,000)"),
        (counted(0.0123), "+1.23 points"),
        (counted(-1200, unit="count"), "-1,200"),
        (counted(0), "0 points"),
        (counted(None, undefined="no rows"), "undefined: no rows"),
    ],
)
def test_a_difference_of_shares_is_never_in_percent(change: Figure, text: str) -> None:
    assert format_change(change) == text


def test_a_range_can_leave_out_its_unit() -> None:
    assert format_range(sampled(0.0008, 0.0004, 0.0015), unit=False) == "4 to 15"
    assert format_range(counted(0.2)) == ""
    assert format_range(nothing_found(0.01)) == ""


def test_n_names_the_effective_one_where_it_differs() -> None:
    assert format_n(counted(0.1)) == "n = 5,574"
    assert format_n(sampled(0.1, 0.05, 0.15, n=2000, n_eff=1240.4)) == "n = 2,000 (effective 1,240)"
    assert format_n(counted(0.1, n=None)) == ""


@pytest.mark.parametrize(
    ("period", "text"),
    [
        (days("2026-03-01", "2026-04-01"), "March 2026"),
        (days("2026-03-01", "2026-03-08"), "1-7 March 2026"),
        (days("2026-02-20", "2026-03-06"), "2026-02-20 to 2026-03-05"),
        (days("2026-01-01", "2026-04-01"), "January to March 2026"),
        (days("2025-12-01", "2026-02-01"), "December 2025 to January 2026"),
        (days("2025-01-01", "2026-01-01"), "2025"),
        (days("2025-12-31", "2026-01-01"), "31 December 2025"),
        (None, "all data"),
    ],
)
def test_periods_show_their_last_day(period: Period | None, text: str) -> None:
    assert format_period(period) == text


def test_slices_in_words() -> None:
    assert format_slice({"surface": "dm", "user_country": None}) == "surface dm, user country (no value)"
    assert format_slice({"country": ["US", "CA"], "spam": True}) == "country US or CA, spam yes"
    assert format_slice({}) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "(no value)"),
        ("", "(empty)"),
        ("a\nb\t c", "a b c"),
        ("\x1b[31mred\x07", "[31mred"),
        ("\u202eevil", "evil"),
        ("half \ud800", "half"),
        (3.0, "3"),
        (False, "no"),
        ("日本", "日本"),
    ],
)
def test_labels_are_one_clean_line(value: object, text: str) -> None:
    assert format_label(value) == text


@settings(max_examples=300, deadline=None)
@given(st.floats(min_value=1e-9, max_value=1.0))
def test_a_bound_is_never_rounded_below_itself(bound: float) -> None:
    text = format_value(nothing_found(bound))
    number = float(re.sub(r"[^0-9.e-]", "", text.split(" per ")[0].removeprefix("fewer than ")))
    size = {"%": 100, "per 10,000": 1e4, "per million": 1e6}[
        next(s for s in ("%", "per 10,000", "per million") if s in text)
    ]
    assert number / size >= bound * (1 - 1e-9)
    assert number / size <= bound * 1.11


@settings(max_examples=300, deadline=None)
@given(
    st.floats(min_value=-1e18, max_value=1e18, allow_nan=False),
    st.sampled_from(["share", "count", "usd", "seconds", "hours", "per_1000", "points", "ratio", "index"]),
    st.floats(min_value=0, max_value=1e9),
)
def test_every_number_has_words_and_none_of_them_is_nan(value: float, unit: str, spread: float) -> None:
    figures = [counted(value, unit=unit), sampled(value, value - spread, value + spread, unit=unit)]
    for figure in figures:
        text = format_interval(figure)
        assert text
        assert not re.search(r"nan|inf|--|- ", text)
        if value != 0 and figure.basis == "full_count":
            assert re.search(r"[1-9]", text)
