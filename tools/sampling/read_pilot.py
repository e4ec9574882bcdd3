"""Labels of a pilot and the scores that its units have."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tools.errors import InvalidInput
from tools.metrics.sql import quote
from tools.sampling.columns import Size, find_column, find_number
from tools.sampling.file_source import open_file
from tools.sampling.sql_literal import quote_text

_POSITIVE, _NEGATIVE = ("1", "1.0", "true", "yes"), ("0", "0.0", "false", "no")


@dataclass(frozen=True)
class Pilot:
    """Scores and labels, 1 where positive; `left_out` rows had none of one or the other."""

    scores: tuple[float, ...]
    labels: tuple[int, ...]
    left_out: int

    @property
    def positives(self) -> int:
        """Rows labelled positive."""
        return sum(self.labels)


def read_pilot(path: Path, *, score: str, label: str, value: str | None = None) -> Pilot:
    """A labelled file; an empty field or NA is missing.

    Args:
        path: CSV or Parquet, such as the output of a draw with labels added.
        score: the column of the score.
        label: that of the label; positive where it holds `value`, or without one where it is 1 (0 is negative).

    Raises:
        InvalidInput: no such file or column, or a label that is neither 0 nor 1 where no value is named.
    """
    with open_file(path) as source:
        number = Size(find_number(source, score), source.is_text).number
        text = f"nullif(nullif({quote(find_column(source, label))}::varchar, 'NA'), '')"
        rows = source.query(f"select {number}, {text} from {source.relation}")
        if value is None:
            _check_labels(rows, path=path, label=label)
            positive = f"lower({text}) in ({', '.join(map(quote_text, _POSITIVE))})"
        else:
            positive = f"{text} = {quote_text(value)}"
        kept = source.query(
            f"select {number}, ({positive})::integer from {source.relation} "
            f"where isfinite({number}) and {text} is not null order by 1, 2"
        )
    return Pilot(tuple(float(s) for s, _ in kept), tuple(int(y) for _, y in kept), len(rows) - len(kept))


def _check_labels(rows: list[tuple[object, object]], *, path: Path, label: str) -> None:
    for place, (_, text) in enumerate(rows, start=1):
        if text is not None and str(text).lower() not in _POSITIVE + _NEGATIVE:
            raise InvalidInput(
                f"Row {place:,} of {path.name}: the label {text!r} is neither 0 nor 1.",
                code="invalid_label",
                value=str(text),
                hint=f"Say which value is positive: --label {label}={text}",
                where=f"{path.name}: row {place}, column {label}",
            )
