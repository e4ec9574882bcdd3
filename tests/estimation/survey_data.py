"""The California API samples and R's answers about them."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from tools.estimation import Sample, sum_rows

SHARED = Path(__file__).parents[2] / "../shared"

DESIGNS = ("dclus1", "dclus1_nofpc", "dstrat", "dstrat_nofpc", "dsrs")


@cache
def reference(name: str) -> dict[str, Any]:
    path = SHARED / "reference" / name
    if not path.exists():
        pytest.skip(f"{path.name} is not beside this checkout")
    return cast(dict[str, Any], json.loads(path.read_text(encoding="utf-8")))


@cache
def columns(path: str) -> dict[str, list[str]]:
    file = SHARED / "data" / path
    if not file.exists():
        pytest.skip(f"{file.name} is not beside this checkout")
    with file.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    return {key: [row[key] for row in rows] for key in rows[0]}


def sample(design: str, y: NDArray[Any], x: NDArray[Any] | None = None, domain: NDArray[Any] | None = None) -> Sample:
    """The sums of one variable under one of R's designs."""
    spec = reference("survey_r.json")["values"][design]["design"]
    data = columns(spec["data"])
    number = {name: np.array(data[name], dtype=float) for name in ("pw", "fpc")}
    return sum_rows(
        y,
        x=x,
        weights=number["pw"],
        strata=np.array(data[spec["strata"]]) if spec["strata"] else None,
        clusters=np.array(data[spec["cluster"]]) if spec["cluster"] else None,
        population=number["fpc"] if spec["fpc"] else None,
        domain=domain,
    )


def column(design: str, name: str) -> NDArray[Any]:
    return np.array(columns(reference("survey_r.json")["values"][design]["design"]["data"])[name])


def numbers(design: str, name: str) -> NDArray[np.float64]:
    return column(design, name).astype(float)
