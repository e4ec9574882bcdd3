"""Small frames, as units in memory and as files, and draws from files."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.sampling import Design, DrawnUnit, Unit, draw, open_file

REFERENCE = Path(__file__).parents[2] / "../shared/reference/sampling.json"
COLUMNS = ("id", "size", "cost", "stratum", "cluster", "day")


def reference() -> dict[str, Any]:
    """Values that R's packages gave."""
    values: dict[str, Any] = json.loads(REFERENCE.read_text(encoding="utf-8"))["values"]
    return values


def write_frame(units: Sequence[Unit], path: Path) -> Path:
    """Units as a CSV file with the columns of `Unit`."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows([u.id, repr(u.size), repr(u.cost), u.stratum, u.cluster, u.day] for u in units)
    return path


def draw_file(
    frame: Path, design: Design, *, seed: int, stage: str = "phase1", second_stage: str = "ssu"
) -> list[DrawnUnit]:
    """What DuckDB draws from a file, read back from the output."""
    out = frame.with_name("drawn.csv")
    with open_file(frame) as source:
        draw(source, design, id="id", seed=seed, stage=stage, second_stage=second_stage, out=out)
    return read_drawn(out)


def read_drawn(path: Path) -> list[DrawnUnit]:
    """The rows of a sample."""
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            DrawnUnit(
                row["id"],
                float(row["_pi"]),
                float(row["_weight"]),
                row["_stratum"] or None,
                row["_cluster"] or None,
                row["_certainty"] == "true",
                int(row["_days"]) if "_days" in row else None,
            )
            for row in csv.DictReader(stream)
        ]
