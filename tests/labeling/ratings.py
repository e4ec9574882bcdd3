"""Ratings as rows, and the reference values made with R."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

SHARED = Path(__file__).parents[2] / "../shared"
Row = tuple[str, str, str]


def reference(name: str) -> dict[str, Any]:
    """One entry of agreement.json."""
    path = SHARED / "reference" / "agreement.json"
    if not path.exists():
        pytest.skip(f"{path.name} is not beside this checkout")
    return cast(dict[str, Any], json.loads(path.read_text(encoding="utf-8"))["values"][name])


def rows_by_unit(units: Iterable[Sequence[Any]]) -> list[Row]:
    """One list per item, one place per rater; None is missing."""
    return [
        (f"i{i:03}", f"r{r:02}", str(label))
        for i, unit in enumerate(units)
        for r, label in enumerate(unit)
        if label is not None
    ]


def rows_of_counts(table: Iterable[Sequence[int]]) -> list[Row]:
    """One list per item: how many raters gave each label."""
    return rows_by_unit([[label for label, n in enumerate(row) for _ in range(n)] for row in table])


def rows_of_pairs(table: Sequence[Sequence[int]]) -> list[Row]:
    """A square table of two raters' labels."""
    return rows_by_unit([(a, b) for a, row in enumerate(table) for b, n in enumerate(row) for _ in range(n)])
