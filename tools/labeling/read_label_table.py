"""A file with a row per label, as codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.errors import InvalidInput
from tools.labeling.column_file import ColumnStream, stream_columns
from tools.labeling.label_table import LabelTable, tabulate_labels


@dataclass(frozen=True, eq=False)
class TableFile:
    """The labels of a file; `left_out` counts rows without one."""

    table: LabelTable
    left_out: int


def read_label_table(path: Path, *, item: str, rater: str, label: str) -> TableFile:
    """Who gave which label to which item; the columns are named. Rows are read one at a time.

    Raises:
        InvalidInput: as `stream_columns`; a column named for two things; a row without its item or rater.
    """
    if len({item, rater, label}) < 3:
        raise InvalidInput("Item, rater and label are three columns.", code="usage", value=[item, rater, label])
    read = 0

    def rows(stream: ColumnStream) -> Iterator[tuple[str, str, str]]:
        nonlocal read
        for line, (who, by, text) in stream.rows:
            read += 1
            if who is None or by is None:
                raise _incomplete(stream.name, line, item if who is None else rater)
            if text is not None:
                yield who, by, text

    with stream_columns(path, (item, rater, label)) as stream:
        table = tabulate_labels(rows(stream))
    return TableFile(table, read - len(table.item))


def _incomplete(name: str, line: int, column: str) -> InvalidInput:
    return InvalidInput(
        f"{name} has a row without a value in {column!r}, line {line:,}.",
        code="missing_value",
        value=column,
        hint="Every label needs its item and who gave it.",
        where=f"{name}:{line}",
    )
