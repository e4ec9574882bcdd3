"""Known totals of a steered draw's frame, as `transect estimate --calibrate` reads them."""

from __future__ import annotations

from pathlib import Path

from tools.sampling.check_frame import FrameFacts
from tools.sampling.columns import Columns
from tools.sampling.impute_sizes import predict_frame
from tools.sampling.source import Source


def totals_path(out: Path) -> Path:
    """Where the totals of a sample's frame lie."""
    return out.with_name(f"{out.name}.totals.csv")


def predicted_total(source: Source, columns: Columns, facts: FrameFacts) -> float | None:
    """The sum of `_predicted` over the frame; None where nothing is predicted."""
    size = columns.size
    if size is None or not size.predicts:
        return None
    return predict_frame(source, size) + facts.missing * (size.predicted or 0.0)


def totals_text(*, rows: int, predicted: float) -> str:
    """The file: the number of rows, and the sum of `_predicted`."""
    return f"column,value,total\n(Intercept),,{rows}\n_predicted,,{predicted!r}\n"
