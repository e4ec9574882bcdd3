"""SQL by hand, run on the data before its case may count."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb

from evals.expect import Expect

MISSING = "(missing)"


@dataclass(frozen=True)
class Row:
    """One row of a breakdown: its labels and its number (None where it is undefined)."""

    labels: frozenset[str]
    value: float | None


@dataclass(frozen=True)
class Truth:
    """What the hand-written SQL found; `fault` says why the case does not count."""

    value: float | None = None
    rows: tuple[Row, ...] = ()
    fault: str | None = None


def find_truth(expect: Expect, connection: duckdb.DuckDBPyConnection) -> Truth:
    """Run the SQL by hand of one case and check it against the value beside it."""
    try:
        if expect.sql is not None:
            return _one_value(expect, connection.execute(expect.sql).fetchall())
        if expect.figures is not None:
            return _breakdown(connection.execute(expect.figures).fetchall())
    except duckdb.Error as error:
        return Truth(fault=f"the SQL by hand does not run: {str(error).splitlines()[0]}")
    return Truth()


def same_number(found: float | None, expected: float | None, *, tolerance: float) -> bool:
    """Equal to within a relative tolerance; two undefined numbers are the same."""
    if found is None or expected is None:
        return found is None and expected is None
    return math.isclose(found, expected, rel_tol=tolerance, abs_tol=1e-12)


def label_of(value: Any) -> str:
    """One label as compared: dates as ISO days, missing as one word, without case."""
    if value is None or str(value).strip().casefold() in ("", "missing", "unknown", "null", "none", "nan"):
        return MISSING
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    text = str(value).strip().casefold()
    if len(text) == 19 and text[10] in " t" and text.endswith("00:00:00"):
        return text[:10]
    if len(text) == 7 and text[4] == "-" and text[:4].isdigit() and text[5:].isdigit():
        return text + "-01"
    return text.removesuffix(".0")


def _one_value(expect: Expect, rows: list[tuple[Any, ...]]) -> Truth:
    if len(rows) != 1 or len(rows[0]) != 1:
        return Truth(fault="the SQL by hand must return one row with one column")
    value = _number(rows[0][0])
    if value is None:
        return Truth(fault="the SQL by hand returned NULL")
    if expect.value is not None and not same_number(value, expect.value, tolerance=max(expect.tolerance, 1e-9)):
        return Truth(fault=f"the SQL by hand gives {value}, the value beside it is {expect.value}")
    return Truth(value=value)


def _breakdown(rows: list[tuple[Any, ...]]) -> Truth:
    if not rows or any(len(row) < 2 for row in rows):
        return Truth(fault="the SQL by hand must return rows of labels and a value")
    found = tuple(Row(frozenset(label_of(v) for v in row[:-1]), _number(row[-1])) for row in rows)
    if len({row.labels for row in found}) < len(found):
        return Truth(fault="the SQL by hand returns a label twice")
    return Truth(rows=found)


def _number(value: Any) -> float | None:
    if isinstance(value, Decimal | int | float):
        return float(value)
    if value is None:
        return None
    raise duckdb.InvalidInputException(f"the SQL by hand returned {value!r}, which is not a number")
