"""The cells of the coverage study, sorted into classes before any run: `cells.csv`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FILE = Path(__file__).with_name("cells.csv")


@dataclass(frozen=True)
class Cell:
    """One situation.

    Attributes:
        design: simple, stratified, score bands (strata of 90, 9 and 1 % of the frame, labelled equally), cluster, two
            stages, by score (Pareto), uneven (clusters of 5, 10, 20 and 45) or stratified cluster.
        icc, size: intraclass correlation and drawn rows per cluster; 0 and 1 where rows are drawn directly.
        prevalence, n: true share and rows.
        positives: expected in a sample, where that is not n times the prevalence; in score bands how many rows of the
            heaviest weight would carry the share, since a few of these decide the estimate.
        kind: `common` with at least 20 expected positives (94-97 %), else `rare` (at least 95 %).
        purpose: `default` cells decide; `stress` cells show where the default stops holding.
    """

    design: str
    icc: float
    size: int
    prevalence: float
    n: int
    kind: Literal["common", "rare"]
    purpose: Literal["default", "stress"]
    positives: float | None = None

    @property
    def expected_positives(self) -> float:
        return self.n * self.prevalence if self.positives is None else self.positives

    @property
    def name(self) -> str:
        clustered = f", {self.size} a cluster, icc {self.icc:g}" if self.size > 1 else ""
        return f"{self.design}{clustered}"


def read_cells() -> tuple[Cell, ...]:
    with FILE.open(newline="", encoding="utf-8") as handle:
        return tuple(
            Cell(
                row["design"],
                float(row["icc"]),
                int(row["size"]),
                float(row["prevalence"]),
                int(row["n"]),
                "common" if row["kind"] == "common" else "rare",
                "stress" if row["purpose"] == "stress" else "default",
                float(row["positives"]) if row["positives"] else None,
            )
            for row in csv.DictReader(handle)
        )
