"""Small files for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.estimation.survey_data import SHARED, columns
from tools.estimation.file import EstimateReport, EstimateRequest, estimate_file


def write(folder: Path, header: str, rows: Sequence[Sequence[Any]], *, name: str = "sample.csv") -> Path:
    """A CSV file; None is an empty field."""
    lines = [header, *(",".join("" if field is None else str(field) for field in row) for row in rows)]
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def ask(path: Path, **request: Any) -> EstimateReport:
    return estimate_file(path, EstimateRequest(**request))


def school_file(name: str) -> Path:
    """One of the California API samples; the test is skipped where it is absent."""
    columns(f"survey_api/{name}.csv")
    return SHARED / "data" / "survey_api" / f"{name}.csv"
