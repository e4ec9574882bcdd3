"""What a table looks like: its columns, what each is for, what one row is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["key", "entity", "time", "flag", "category", "coded", "number", "text", "label", "nested", "empty"]

NUMERIC = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
WHOLE = frozenset((*NUMERIC, "UHUGEINT"))


@dataclass(frozen=True)
class ColumnShape:
    """One column over all rows.

    Attributes:
        header: its name in the file.
        kind: key (one row each), entity (someone or something seen in many rows), time, flag (yes or no), category,
            coded (numbers that name classes), number, text (free writing),
            label (many different short texts), nested (JSON), empty.
        low, high: smallest and largest value.
        values: up to 60 most frequent values with their counts.
        nothings: values of a text that may stand for nothing (None, no, N/A), with their counts.
    """

    name: str
    type: str
    header: str
    rows: int
    present: int
    distinct: int
    low: Any = None
    high: Any = None
    mean_length: float = 0.0
    same_length: bool = False
    spaced: float = 0.0  # share of values that hold white space
    hexadecimal: bool = False
    position: int = 0
    values: tuple[tuple[Any, int], ...] = ()
    unit: str = ""
    nothings: tuple[tuple[str, int], ...] = ()
    kind: Kind = "label"

    @property
    def unique(self) -> bool:
        return self.present == self.rows == self.distinct and self.rows > 0

    @property
    def numeric(self) -> bool:
        return self.whole or self.type in {"DOUBLE", "FLOAT"} or self.type.startswith("DECIMAL")

    @property
    def whole(self) -> bool:
        return self.type in WHOLE


@dataclass(frozen=True)
class TableShape:
    """One table: `grain` is empty when no small set of columns tells its rows apart."""

    name: str
    rows: int
    columns: tuple[ColumnShape, ...]
    grain: tuple[str, ...] = ()
    unit: str = "row"
    noun: str = ""  # plural noun of the table's name, when it has one
    shared: str = ""  # a word of the table's name that a column holds too, so that rows are not called by it
    time: str | None = None
    actor: str | None = None
    text: str | None = None
    copies: int = 0  # rows that repeat another row in full

    def column(self, name: str) -> ColumnShape:
        return next(c for c in self.columns if c.name == name)

    def of_kind(self, *kinds: Kind) -> tuple[ColumnShape, ...]:
        return tuple(c for c in self.columns if c.kind in kinds)
