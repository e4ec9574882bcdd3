"""Whether the first line names the columns; every row counted by hand either way."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tools.ingest import LoadedTable, load_files

NUMBERED = "holds values, not names"
TAKEN = "the first line is taken as column names"


def load(tmp_path: Path, content: str) -> tuple[LoadedTable, list[tuple[Any, ...]]]:
    (tmp_path / "things.csv").write_text(content, encoding="utf-8")
    table = load_files([tmp_path / "things.csv"], database=tmp_path / "w.duckdb").tables[0]
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as connection:
        return table, connection.execute('select * from "things"').fetchall()


HEADLESS = {
    "numbers and words": [[str(i), ("Berlin", "Paris", "Rome")[i % 3], str(i * i % 7)] for i in range(200)],
    "decimals": [[f"n{i}", "x" if i % 2 else "y", f"{i / 8}"] for i in range(30)],
    "prices and dates": [["Anna", "$3.50", "05.01.2024"], ["Bo", "$4.00", "06.01.2024"], ["Cy", "$5", "07.01.2024"]],
    "codes": [["T-001", "open"], ["T-002", "closed"], ["T-003", "open"]],
    "a hole in the first row": [["7", "", "Ulm"], ["8", "2", "Bonn"], ["9", "3", "Köln"]],
    "years that are data": [["Ulm", "1999"], ["Bonn", "2004"], ["Köln", "2013"]],
    "a bad first cell beside a date": [["n.v.", "2024-01-05"], ["2", "2024-01-06"], ["3", "2024-01-07"]],
    "addresses": [["Anna", "anna@example.org"], ["Bo", "bo@example.org"], ["Cy", "cy@example.org"]],
    "words that come again": [["Ulm", "red"], ["Bonn", "blue"], ["Ulm", "blue"], ["Bonn", "red"], ["Ulm", "red"]],
    "one row": [["Ulm", "7", "1.5"]],
    "words beside texts": [[("good", "bad")[i % 2], f"what she wrote, number {i}"] for i in range(20)],
}  # fmt: skip


@pytest.mark.parametrize("rows", HEADLESS.values(), ids=HEADLESS.keys())
def test_a_first_line_of_values_is_a_row(tmp_path: Path, rows: list[list[str]]) -> None:
    with (tmp_path / "written.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    text = (tmp_path / "written.csv").read_text(encoding="utf-8")
    assert text.count("\n") == len(rows)
    table, loaded = load(tmp_path, text)
    assert list(table.columns) == [f"column_{i + 1}" for i in range(len(rows[0]))]
    assert (table.rows_in_file, table.rows_loaded, table.rows_reported) == (len(rows), len(rows), 0)
    assert len(loaded) == len(rows)
    assert any(NUMBERED in note for note in table.notes)


NAMED = {
    "id,amount": ["1,2", "3,4"],
    "country,2019": ["DE,3", "FR,4"],
    "country,2019,2020": ["DE,1", "FR,2"],
    "x,0,1,2": ["a,5,6,7", "b,8,9,1"],
    "0,1,2,3": ["0.5,0.25,1,2", "0.75,1,2,3"],
    "project,2024-01-01,2024-02-01": ["a,3,4", "b,5,6"],
    "created_at,kind": ["2024-01-05,a", "2024-01-06,b"],
    "q,0.25,0.5,0.75": ["1,2,3,4", "2,3,4,5"],
    "id,0.5": ["1,0.25", "2,0.75"],
    "message_id,label": ["a,spam", "b,ham", "c,ham"],
}


@pytest.mark.parametrize("header", NAMED)
def test_a_first_line_of_names_is_a_header(tmp_path: Path, header: str) -> None:
    rows = [row + ",0" * (header.count(",") - row.count(",")) for row in NAMED[header]]
    table, loaded = load(tmp_path, "\n".join([header, *rows]) + "\n")
    assert (table.rows_in_file, table.rows_reported, len(loaded)) == (len(rows), 0, len(rows))
    assert not any(NUMBERED in note for note in table.notes)
    assert "column_1" not in table.columns


@pytest.mark.parametrize("content", ["fruit,taste\nplum,sweet\nlemon,sour\n", "colour\nred\nblue\n"])
def test_where_nothing_tells_the_header_is_an_assumption(tmp_path: Path, content: str) -> None:
    table, loaded = load(tmp_path, content)
    assert table.rows_in_file == len(loaded) == content.count("\n") - 1
    assert any(TAKEN in note for note in table.notes)


def test_a_told_header_is_no_assumption(tmp_path: Path) -> None:
    for content in ("id,amount\n1,2\n", "name,country\nAnna,DE\nBo,FR\n"):
        (tmp_path / "w.duckdb").unlink(missing_ok=True)
        assert not any(TAKEN in note for note in load(tmp_path, content)[0].notes)


def test_a_line_of_units_and_the_header_again_are_reported(tmp_path: Path) -> None:
    body = ["1,2.5,80", "2,3.5,70", "3,4.5,60", "id,price,weight", "4,5.5,50"]
    table, loaded = load(tmp_path, "\n".join(["id,price,weight", "Nr,EUR,kg", *body]) + "\n")
    assert loaded == [(1, 2.5, 80), (2, 3.5, 70), (3, 4.5, 60), (4, 5.5, 50)]
    assert (table.rows_in_file, table.rows_reported) == (6, 2)
    assert [r.line for r in table.reported] == [2, 6]


def test_a_first_row_of_words_is_a_row_where_one_column_misses(tmp_path: Path) -> None:
    table, loaded = load(tmp_path, "name,score\nAnna,absent\nBo,3\nCy,4\nDi,5\nEd,6\n")
    assert len(loaded) == table.rows_in_file == 5
