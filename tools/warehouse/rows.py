"""What a query returned, and the receipt that lets anyone run it again."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from tools.access import Asker

Params = tuple[Any, ...] | dict[str, Any]


@dataclass(frozen=True)
class Receipt:
    """One statement that ran.

    Attributes:
        id: short hash of the SQL, its parameters and the data's fingerprint: equal ids gave equal rows.
        sql: the text that ran.
        seconds: wall time.
        row_count: rows returned.
        fingerprint: the state of the data it ran on.
    """

    id: str
    sql: str
    seconds: float
    row_count: int
    fingerprint: str


@dataclass(frozen=True)
class Rows:
    """Rows as plain Python values; times are in the workspace's zone.

    `truncated` when a cap cut them; `notes` are for whoever reads the rows.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    receipt: Receipt
    truncated: bool = False
    notes: tuple[str, ...] = ()


class Warehouse(Protocol):
    """The data people ask about; two ways in, because there are two kinds of SQL."""

    def run_compiled(self, sql: str, params: Params = (), *, asker: Asker) -> Rows:
        """Run SQL that transect compiled from a typed query after `access.decide` allowed it."""
        ...

    def run_untrusted(self, sql: str, *, asker: Asker, thread: str | None = None) -> Rows:
        """Run SQL text that a person or a model wrote; raises Declined for whatever it may not do."""
        ...

    def fingerprint(self) -> str:
        """A cheap mark of the data's state: it changes when the data was rewritten."""
        ...

    def tables(self) -> dict[str, dict[str, str]]:
        """Every table and view with its columns and their DuckDB types."""
        ...


def receipt_id(sql: str, params: object, fingerprint: str) -> str:
    """Twelve hex digits of sha256 over the statement, its parameters and the data's fingerprint."""
    return sha256(f"{sql}\0{params!r}\0{fingerprint}".encode()).hexdigest()[:12]
