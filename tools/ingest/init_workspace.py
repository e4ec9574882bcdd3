"""A workspace from data files: loaded, described, with proposed metrics."""

from __future__ import annotations

import csv
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from tools.errors import InvalidInput
from tools.ingest.describe_table import describe_table
from tools.ingest.load_files import load_files
from tools.ingest.propose import Proposal, propose
from tools.ingest.relate_tables import relate_tables
from tools.ingest.report import InitReport, LoadedTable, LoadReport, ReportedRow
from tools.ingest.suggest_question import suggest_question
from tools.ingest.table_shape import TableShape
from tools.ingest.write_yaml import write_yaml
from tools.metrics.measures import expand_measures
from tools.reporting.csv_cell import csv_cell

Progress = Callable[[str], None]


def init_workspace(directory: Path, files: Sequence[Path], *, progress: Progress | None = None) -> InitReport:
    """Write a workspace for `files` into `directory`: all of it, or nothing.

    Arguments:
        directory: absent or empty.
        files: CSV, Parquet, JSON Lines (each may be gzipped), or one .duckdb file, used where it lies.
        progress: called with one line a step.

    Raises:
        InvalidInput: the directory is not empty, or nothing could be loaded.
    """
    directory = Path(directory)
    _check_free(directory)
    directory.parent.mkdir(parents=True, exist_ok=True)
    built = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        report = _build(built, directory, [Path(f) for f in files], progress)
        built.chmod(0o755)
        if directory.exists():
            directory.rmdir()
        built.rename(directory)
    except OSError as error:
        raise InvalidInput(f"the workspace cannot be written: {error.strerror}", value=str(directory)) from error
    finally:
        shutil.rmtree(built, ignore_errors=True)
    return report


def _check_free(directory: Path) -> None:
    if directory.is_dir() and not any(directory.iterdir()):
        return
    if directory.exists() or directory.is_symlink():
        what = "is not empty" if directory.is_dir() else "is not a folder"
        raise InvalidInput(
            f"{str(directory)!r} {what}; nothing was changed",
            code="not_empty",
            value=str(directory),
            hint="name a new folder",
        )


def _build(built: Path, directory: Path, files: list[Path], progress: Progress | None) -> InitReport:
    (built / "data").mkdir()
    (built / "metrics").mkdir()
    database = built / "data" / "warehouse.duckdb"
    with _ReportedRows(built / "data" / "reported_rows.csv") as reported:
        loaded = load_files(files, database=database, reported=reported.write, progress=progress)
    if loaded.in_place is not None:
        (built / "data").rmdir()
    if progress:
        progress("proposing definitions")
    with duckdb.connect(str(loaded.in_place or database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        tables = [describe_table(connection, t) for t in loaded.tables]
        links = relate_tables(connection, tables)
    proposal = propose(tables, links)
    today = _today(tables)
    for table in tables:
        origin = next(t for t in loaded.tables if t.table == table.name)
        text = write_yaml(proposal.files[table.name], heading=_heading(table, origin), notes=_value_notes(table))
        (built / "metrics" / f"{_file_name(table.name)}.yml").write_text(text, encoding="utf-8")
    (built / "transect.toml").write_text(_settings(directory, loaded, tables, today), encoding="utf-8")
    return InitReport(
        directory=directory,
        tables=loaded.tables,
        declined=loaded.declined,
        assumptions=_assumptions(loaded, proposal, today),
        metrics=_metric_names(proposal),
        today=today.isoformat() if today else None,
        next_question=suggest_question(proposal, tables),
    )


class _ReportedRows:
    """`data/reported_rows.csv`, made only when there is a row to report."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: list[ReportedRow] = []

    def __enter__(self) -> _ReportedRows:
        return self

    def write(self, row: ReportedRow) -> None:
        self._rows.append(row)

    def __exit__(self, *error: object) -> None:
        if self._rows and error[0] is None:
            with self._path.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow(("file", "line", "reason"))
                writer.writerows((csv_cell(r.file), r.line, csv_cell(r.reason)) for r in self._rows)


def _today(tables: Sequence[TableShape]) -> date | None:
    newest = [t.column(t.time).high for t in tables if t.time]
    days = [d.date() if isinstance(d, datetime) else d for d in newest if isinstance(d, date)]
    return max(days) + timedelta(days=1) if days else None


def _settings(directory: Path, loaded: LoadReport, tables: Sequence[TableShape], today: date | None) -> str:
    url = "duckdb:data/warehouse.duckdb"
    if loaded.in_place is not None:
        url = f"duckdb:{Path(os.path.relpath(loaded.in_place, directory.resolve())).as_posix()}"
    frozen = (
        f'today = "{today}"             # the day after the newest time in the data; delete this line to use the clock'
        if today
        else '# today = "2026-04-01"        # freezes relative dates such as "last week"; absent, the clock is used'
    )
    names = ",\n  ".join(json.dumps(t.name, ensure_ascii=False) for t in tables)
    listed = f"[{names}]" if len(tables) == 1 else f"[\n  {names},\n]"
    where = "used where it lies, opened read-only" if loaded.in_place else "a copy of the files, loaded once"
    return f"""# Written by `transect init`. Every key and its default: docs/settings.md of transect's source.

[workspace]
name = {json.dumps(directory.resolve().name, ensure_ascii=False)}
timezone = "UTC"
{frozen}

[warehouse]
url = {json.dumps(url, ensure_ascii=False)}    # {where}

[access]
default_role = "analyst"

# One role that sees every loaded table. Raise min_cell before people share answers about people:
# it is the fewest people (else rows) and the fewest positives that a shown number may stand on; 1 = off.
[access.roles.analyst]
tables = {listed}
min_cell = 1
"""


def _heading(table: TableShape, origin: LoadedTable) -> list[str]:
    rows = f"{origin.rows_loaded:,} rows from {origin.file}"
    if origin.rows_reported:
        rows += f", {origin.rows_reported:,} more reported in data/reported_rows.csv"
    return [
        f"{table.name}: {rows}.",
        "Proposed from the data by `transect init`; rename, delete and add what your team says.",
        "Check with: transect metrics check",
    ]


def _value_notes(table: TableShape) -> dict[str, str]:
    """The most frequent values of each category as a comment."""
    notes = {}
    for column in table.of_kind("category", "coded", "flag"):
        shown = [f"{str(v)[:30]} {n:,}" for v, n in column.values[:6] if "\n" not in str(v) and "\r" not in str(v)]
        more = f", and {column.distinct - len(shown):,} more" if column.distinct > len(shown) else ""
        missing = f"; missing {column.rows - column.present:,}" if column.present < column.rows else ""
        notes[f"{table.name}.{column.name}"] = _printable(" | ".join(shown) + more + missing)
    return notes


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _file_name(table: str) -> str:
    return "".join(c if c.isalnum() or c in "_-" else "_" for c in table) or "table"


def _assumptions(loaded: LoadReport, proposal: Proposal, today: date | None) -> tuple[str, ...]:
    said = [f"{t.file}: {note}." for t in loaded.tables for note in t.notes]
    said += [
        f"{t.file}: {t.blank_lines:,} blank lines skipped; they are not rows." for t in loaded.tables if t.blank_lines
    ]
    said += proposal.assumptions
    if today:
        said.append(
            f"Relative dates count from {today}, the day after the newest time in the data (transect.toml, today)."
        )
    said.append("One role, analyst, sees every loaded table with min_cell = 1: no cell is too small to show.")
    return tuple(said)


def _metric_names(proposal: Proposal) -> tuple[str, ...]:
    names = [m.name for f in proposal.files.values() for m in f.metrics]
    names += [m.name for f in proposal.files.values() for d in f.datasets for _, m in expand_measures(d)]
    return tuple(dict.fromkeys(names))
