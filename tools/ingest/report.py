"""What an ingest found, loaded, changed and left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

REPORTED_SHOWN = 1000


@dataclass(frozen=True)
class ReportedRow:
    """A row of a file that was not loaded; `line` is where it starts, counted from 1."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class DeclinedFile:
    """A file of which nothing was loaded."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class LoadedTable:
    """One table, where it came from, and the account of its rows.

    `rows_in_file` = `rows_loaded` + `rows_reported`. Blank lines are not rows; they are
    counted in `blank_lines`. `reported` lists at most REPORTED_SHOWN rows, all of them are
    in `data/reported_rows.csv` of the workspace.
    """

    table: str
    file: str
    rows_in_file: int
    rows_loaded: int
    rows_reported: int
    columns: dict[str, str]  # name -> DuckDB type, in order
    headers: dict[str, str] = field(default_factory=dict)  # name -> the name in the file
    units: dict[str, str] = field(default_factory=dict)  # name -> unit read off the values ("usd", "points", "seconds")
    blank_lines: int = 0
    reported: tuple[ReportedRow, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoadReport:
    """Every file given is in `tables` or in `declined`."""

    tables: tuple[LoadedTable, ...]
    declined: tuple[DeclinedFile, ...] = ()
    in_place: Path | None = None  # an existing .duckdb file, used where it lies


@dataclass(frozen=True)
class InitReport:
    """Everything `transect init` says about what it did.

    Attributes:
        directory: the workspace that was written.
        tables: one entry a table, with rows in the file, loaded and reported.
        declined: files of which nothing was loaded.
        assumptions: what was assumed, as plain sentences.
        metrics: names of the metrics proposed, measures expanded.
        today: the date relative periods count from, or None when the data has no time.
        next_question: a question that can be asked at once.
    """

    directory: Path
    tables: tuple[LoadedTable, ...]
    declined: tuple[DeclinedFile, ...]
    assumptions: tuple[str, ...]
    metrics: tuple[str, ...]
    today: str | None
    next_question: str

    @property
    def reported(self) -> tuple[ReportedRow, ...]:
        return tuple(row for table in self.tables for row in table.reported)

    @property
    def exit_code(self) -> int:
        """0 when every file was loaded, 1 when some were declined (all declined is an InvalidInput, 2)."""
        return 1 if self.declined else 0
