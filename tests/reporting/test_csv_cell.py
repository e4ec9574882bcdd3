"""Cells that no spreadsheet takes for a formula, and numbers and dates that stay what they are."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tools.reporting.csv_cell import csv_cell, exact_cell, without_mark

FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://evil.example","click")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    " =1+1",
    "\n=1+1",
    "\u00a0=1+1",
    "\t=1+1",
    "\tharmless",
    "\rharmless",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20x",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_text_and_is_read_back(text: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerow([csv_cell(text), exact_cell(text)])
    marked, exact = next(csv.reader(io.StringIO(out.getvalue(), newline="")))
    assert (marked, exact) == (f"'{text}", text)
    assert without_mark(marked) == text


@pytest.mark.parametrize("text", ["", "spam", "'quoted'", "it's =", "a=b", "3-2", "mail@example.org", "'tis", "日本"])
def test_other_text_is_left_alone_both_ways(text: str) -> None:
    assert csv_cell(text) == text
    assert without_mark(text) == text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (-5, -5),
        (-1.5, -1.5),
        (Decimal("-0.10"), Decimal("-0.10")),
        (date(2026, 1, 2), date(2026, 1, 2)),
        (datetime(2026, 1, 2, 3, 4), datetime(2026, 1, 2, 3, 4)),
        (True, "true"),
        (None, None),
        (["=1", "å"], '["=1", "å"]'),
        ({"a": date(2026, 1, 2)}, '{"a": "2026-01-02"}'),
    ],
)
def test_what_is_no_text_is_written_as_it_is(value: Any, cell: Any) -> None:
    assert csv_cell(value) == cell
    assert exact_cell(value) == cell
