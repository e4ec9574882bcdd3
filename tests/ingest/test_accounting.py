"""Rows in the file = rows loaded + rows reported, counted independently with Python's csv module."""

from __future__ import annotations

import csv
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.ingest.shared_data import DATA, real_files
from tools.ingest import LoadedTable, load_files

FILES = sorted(DATA.glob("**/*.csv")) or [DATA / "absent.csv"]


def counted(path: Path) -> tuple[list[str], list[list[str]], int]:
    """Header, rows that hold a value, and rows of which every field is empty."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = [row for row in csv.reader(stream) if row]
    full = [row for row in rows if any(field.strip() for field in row)]
    return header, full, len(rows) - len(full)


def load(path: Path, database: Path) -> LoadedTable:
    report = load_files([path], database=database)
    assert not report.declined
    return report.tables[0]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_every_real_file_is_accounted_for_and_every_value_kept(path: Path, tmp_path: Path) -> None:
    if not path.exists():
        real_files("**/*.csv")
    header, rows, empty = counted(path)
    table = load(path, tmp_path / "w.duckdb")
    assert (table.rows_in_file, table.rows_loaded, table.rows_reported) == (len(rows) + empty, len(rows), empty)
    assert len(table.columns) == len(header)
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as connection:
        loaded = connection.execute(f'select * from "{table.table}"').fetchall()
    assert len(loaded) == len(rows)
    types = list(table.columns.values())
    for row, found in zip(rows, loaded, strict=True):
        for text, value, kind in zip(row, found, types, strict=True):
            assert same(text, value, kind), (path.name, text, value, kind)


def same(text: str, value: Any, kind: str) -> bool:
    """Whether a loaded value is what the file says, by rules written here."""
    text = text.strip()
    if value is None:
        return text == "" or (kind != "VARCHAR" and text in {"NA", "NaN", "NULL"}) or text == "NA"
    if kind == "VARCHAR":
        return str(value).strip() == text
    if kind == "BIGINT":
        return bool(str(value) == text)
    if kind == "DOUBLE":
        return math.isclose(value, float(text), rel_tol=1e-15)
    if kind == "BOOLEAN":
        return bool(value == (text == "Yes"))
    if kind == "DATE":
        return bool(value.isoformat() == text)
    seconds = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(text))
    return bool(abs((seconds.replace(tzinfo=None) - value).total_seconds()) < 1e-5)


def test_all_threat_indicators_in_one_call(tmp_path: Path) -> None:
    files = real_files("threat_indicators/**/*.csv")
    report = load_files(files, database=tmp_path / "w.duckdb")
    assert len(files) == len(report.tables) == 68
    assert not report.declined
    assert sum(t.rows_in_file for t in report.tables) == 11_450
    assert sum(t.rows_loaded for t in report.tables) == sum(len(counted(p)[1]) for p in files)
    assert all(t.rows_in_file == t.rows_loaded + t.rows_reported for t in report.tables)
    names = [t.table for t in report.tables]
    assert len(set(names)) == 68
    assert "q4_2024_china_based_cib_network" in names
    reported = [row for t in report.tables for row in t.reported]
    assert {row.reason for row in reported} == {"every field is empty"}


def test_sixty_eight_tables_hold_what_sql_finds(tmp_path: Path) -> None:
    (path,) = real_files("threat_indicators/2023_05_malware_iocs.csv")
    _, rows, _ = counted(path)
    load(path, tmp_path / "w.duckdb")
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select indicator_type, count(*) from t_2023_05_malware_iocs group by 1 order by 1"
        ).fetchall()
    by_hand: dict[str, int] = {}
    for row in rows:
        by_hand[row[0].strip()] = by_hand.get(row[0].strip(), 0) + 1
    assert dict(found) == by_hand
