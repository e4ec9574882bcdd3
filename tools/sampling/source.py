"""A frame to draw from, wherever it lies."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol


class Source(Protocol):
    """Rows to draw from. The SQL that this package compiles runs here, and nowhere else."""

    @property
    def name(self) -> str:
        """What people call it: a file's name, a table's name."""
        ...

    @property
    def relation(self) -> str:
        """The rows in SQL, quoted."""
        ...

    @property
    def columns(self) -> dict[str, str]:
        """Column -> DuckDB type, in the order in which a drawn row shows them."""
        ...

    @property
    def is_text(self) -> bool:
        """Whether every column holds text, as in a CSV file, so that types are read from the values."""
        ...

    def fingerprint(self) -> str:
        """Changes when the frame does."""
        ...

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of one compiled statement."""
        ...

    def write(self, sql: str, path: Path) -> None:
        """The rows of one compiled statement as a CSV or Parquet file."""
        ...
