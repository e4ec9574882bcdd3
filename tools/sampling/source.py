"""A frame to draw from, wherever it lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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


@runtime_checkable
class ArraySource(Source, Protocol):
    """A source whose database is in this process, so that a long column need not become one object a row."""

    def hashes(self, sql: str) -> NDArray[np.uint64]:
        """The one column of a compiled statement, of hashes."""
        ...
