"""Files that break CSV readers: loaded in full, or reported and declined with line and reason."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.errors import InvalidInput
from tools.ingest import LoadedTable, LoadReport, load_files


def load(tmp_path: Path, content: str | bytes, name: str = "things.csv") -> tuple[LoadedTable, list[tuple[Any, ...]]]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    report = load_files([path], database=tmp_path / "w.duckdb")
    table = report.tables[0]
    assert table.rows_in_file == table.rows_loaded + table.rows_reported
    return table, rows_of(tmp_path, table.table)


def rows_of(tmp_path: Path, table: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as connection:
        return connection.execute(f'select * from "{table}"').fetchall()


def declined(tmp_path: Path, content: bytes, name: str = "bad.csv") -> tuple[int, str]:
    bad, good = tmp_path / name, tmp_path / "good.csv"
    bad.write_bytes(content)
    good.write_text("a,b\n1,2\n")
    report = load_files([bad, good], database=tmp_path / "w.duckdb")
    assert [t.table for t in report.tables] == ["good"]
    assert report.declined[0].file == name
    return report.declined[0].line, report.declined[0].reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    lines = [["id", "name", "note"], ["1", "Müller", "a b"], ["2", "Zoë", "c d"], ["3", "plain", ""]]
    text = "\r\n".join(delimiter.join(line) for line in lines) + "\r\n"
    table, rows = load(tmp_path, text.encode(encoding))
    assert rows == [(1, "Müller", "a b"), (2, "Zoë", "c d"), (3, "plain", None)]
    assert table.columns == {"id": "BIGINT", "name": "VARCHAR", "note": "VARCHAR"}


def test_embedded_newlines_quotes_and_delimiters(tmp_path: Path) -> None:
    table, rows = load(tmp_path, 'id,text\n1,"a\nb, ""c"""\n2,"x\r\ny"\n3,z\n')
    assert rows == [(1, 'a\nb, "c"'), (2, "x\r\ny"), (3, "z")]
    assert table.rows_in_file == 3


def test_old_mac_line_ends(tmp_path: Path) -> None:
    assert load(tmp_path, "a,b\r1,2\r3,4\r")[1] == [(1, 2), (3, 4)]


def test_short_rows_are_padded_and_noted_long_ones_reported(tmp_path: Path) -> None:
    table, rows = load(tmp_path, "a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12,\n13\n14,15,16\n17,18,19\n")
    assert rows == [(1, 2, 3), (4, 5, None), (10, 11, 12), (14, 15, 16), (17, 18, 19)]
    assert [(r.line, r.reason) for r in table.reported] == [
        (4, "4 fields where the header has 3"),
        (6, "only 1 of 3 fields"),
    ]
    assert any("line 3" in n and "fewer fields" in n for n in table.notes)
    assert any("line 5" in n and "surplus" in n for n in table.notes)


def test_blank_lines_are_not_rows_and_empty_rows_are_reported(tmp_path: Path) -> None:
    table, rows = load(tmp_path, "a,b\n\n1,2\n,\n\n3,4\n\n")
    assert rows == [(1, 2), (3, 4)]
    assert (table.rows_in_file, table.rows_reported, table.blank_lines) == (3, 1, 3)
    assert [(r.line, r.reason) for r in table.reported] == [(4, "every field is empty")]


def test_headers_trimmed_deduplicated_named(tmp_path: Path) -> None:
    table, _ = load(tmp_path, "﻿ Id , Order Date,order date,,sch.wide,Rate (%),2019,select\n1,a,b,c,d,e,f,g\n")
    assert list(table.columns) == [
        "Id", "Order_Date", "order_date_2", "column_4", "sch_wide", "Rate_pct", "_2019", "select",
    ]  # fmt: skip
    assert any("'sch.wide' as sch_wide" in n for n in table.notes)


def test_empty_unnamed_column_left_out(tmp_path: Path) -> None:
    table, rows = load(tmp_path, "a,b,\n1,2,\n3,4,\n")
    assert list(table.columns) == ["a", "b"]
    assert rows == [(1, 2), (3, 4)]


def test_no_header(tmp_path: Path) -> None:
    table, rows = load(tmp_path, "1,2024-01-05,9.5\n2,2024-01-06,8.5\n")
    assert rows == [(1, date(2024, 1, 5), 9.5), (2, date(2024, 1, 6), 8.5)]
    assert list(table.columns) == ["column_1", "column_2", "column_3"]


def test_years_as_header_are_a_header(tmp_path: Path) -> None:
    table, rows = load(tmp_path, "country,2019,2020\nDE,1,2\nFR,3,4\n")
    assert list(table.columns) == ["country", "_2019", "_2020"]
    assert len(rows) == 2


def test_title_lines_above_the_header_are_reported(tmp_path: Path) -> None:
    table, rows = load(tmp_path, "Campaign report\nJanuary\n\nday,clicks,cost\n2024-01-01,5,1.5\n2024-01-02,6,2.5\n")
    assert list(table.columns) == ["day", "clicks", "cost"]
    assert len(rows) == 2
    assert [r.line for r in table.reported] == [1, 2]
    assert table.rows_in_file == 4


def test_row_names_without_a_header(tmp_path: Path) -> None:
    table, rows = load(tmp_path, 'x,y\n"r1",1,2\n"r2",3,4\n')
    assert list(table.columns) == ["row_name", "x", "y"]
    assert rows == [("r1", 1, 2), ("r2", 3, 4)]


def test_a_quote_that_never_closes_costs_one_row(tmp_path: Path) -> None:
    lines = ["id,text"] + [f"{i},fine" for i in range(1, 50)]
    lines[20] = '20,"never closed'
    table, rows = load(tmp_path, "\n".join(lines) + "\n")
    assert len(rows) == 48
    assert [(r.line, r.reason) for r in table.reported] == [(21, "a quote opens here and never closes")]
    assert table.rows_in_file == 49


def test_backslash_escaped_quotes(tmp_path: Path) -> None:
    _, rows = load(tmp_path, 'id,text,n\n1,"say \\"hi, you\\"",3\n2,"a, b",4\n3,"\\"x\\"",5\n')
    assert rows == [(1, 'say "hi, you"', 3), (2, "a, b", 4), (3, '"x"', 5)]


def test_nul_characters_are_removed_and_noted(tmp_path: Path) -> None:
    body = "".join(f"{i},word\n" for i in range(200))
    table, rows = load(tmp_path, "id,name\n1,a\x00b\n" + body)
    assert rows[0] == (1, "ab")
    assert any("NUL" in n and "line 2" in n for n in table.notes)


def test_a_very_long_field(tmp_path: Path) -> None:
    long = "x" * 3_000_000
    assert load(tmp_path, f'id,text\n1,"{long}"\n2,b\n')[1] == [(1, long), (2, "b")]


def test_gzip_and_excel_separator_line(tmp_path: Path) -> None:
    table, rows = load(tmp_path, gzip.compress(b"sep=;\na;b\n1;2\n"), "Odd Näme (1).CSV.gz")
    assert rows == [(1, 2)]
    assert table.table == "odd_name_1"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"a,b,c\n", "header and no rows"),
        (b"PK\x03\x04 not really", "Excel"),
        (bytes(range(256)) * 50, "not a text file"),
    ],
)
def test_declined_with_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    line, said = declined(tmp_path, content)
    assert reason in said
    assert line >= 1


def test_nothing_loaded_names_every_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("")
    with pytest.raises(InvalidInput) as caught:
        load_files([tmp_path / "a.csv", tmp_path / "absent.csv"], database=tmp_path / "w.duckdb")
    assert "a.csv:1" in caught.value.message
    assert "absent.csv" in caught.value.message
    assert caught.value.exit_code == 2


def test_names_of_tables(tmp_path: Path) -> None:
    names = [" Q4_2024 CHINA_BASED_CIB_NETWORK.csv", "select.csv", "2024 sales.csv", "Türkiye & Iran.csv", "---.csv"]
    for name in names:
        (tmp_path / name).write_text("a,b\n1,2\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "2024 sales.csv").write_text("a,b\n1,2\n")
    files = [tmp_path / n for n in names] + [tmp_path / "sub" / "2024 sales.csv"]
    report = load_files(files, database=tmp_path / "w.duckdb")
    tables = [t.table for t in report.tables]
    assert tables[0] == "q4_2024_china_based_cib_network"
    assert tables[2:4] == ["t_2024_sales", "turkiye_and_iran"]
    assert tables[5] == "sub_2024_sales"
    assert len(set(tables)) == 6
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as connection:
        for table in tables:
            assert connection.execute(f"select a, b from {table}").fetchall() == [(1, 2)]


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "007", "n": 1, "ok": True, "at": "2024-01-05T10:00:00Z", "tags": ["a"]}),
        "",
        '{"id": "8", "extra": 1.5',
        json.dumps({"id": "008", "n": None, "extra": 2.5}),
        "[1, 2]",
    ]
    table, rows = load(tmp_path, "\n".join(lines), "events.jsonl")
    assert list(table.columns) == ["id", "n", "ok", "at", "tags", "extra"]
    assert rows == [
        ("007", 1, True, datetime(2024, 1, 5, 10), '["a"]', None),
        ("008", None, None, None, None, 2.5),
    ]
    assert [r.line for r in table.reported] == [3, 5]
    assert any("nested" in n for n in table.notes)


def test_json_array(tmp_path: Path) -> None:
    table, rows = load(tmp_path, '[\n {"a": 1},\n {"a": 2}\n]', "things.json")
    assert rows == [(1,), (2,)]
    assert table.rows_in_file == 2


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select range as id, range % 2 = 0 as even, {'a': range} as nested, "
            "1700000000 + range as created_at, timestamptz '2024-01-05 10:00:00+02' as zoned, uuid() as token "
            f"from range(10)) to '{path}' (format parquet)"
        )
    report = load_files([path], database=tmp_path / "w.duckdb")
    table = report.tables[0]
    assert (table.rows_in_file, table.rows_loaded) == (10, 10)
    rows = rows_of(tmp_path, "events")
    assert rows[0][:5] == (0, True, '{"a":0}', datetime(2023, 11, 14, 22, 13, 20), datetime(2024, 1, 5, 8))
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 nothing")
    assert (
        load_files([path, tmp_path / "bad.parquet"], database=tmp_path / "x.duckdb").declined[0].file == "bad.parquet"
    )


def test_a_database_is_described_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table orders as select range as id from range(5)")
        connection.execute("create view recent as select * from orders where id > 2")
    before = path.read_bytes()
    report: LoadReport = load_files([path], database=tmp_path / "w.duckdb")
    assert {t.table: t.rows_loaded for t in report.tables} == {"orders": 5, "recent": 2}
    assert report.in_place == path
    assert path.read_bytes() == before
    assert not (tmp_path / "w.duckdb").exists()
    (tmp_path / "a.csv").write_text("a\n1\n")
    with pytest.raises(InvalidInput, match="cannot be mixed"):
        load_files([path, tmp_path / "a.csv"], database=tmp_path / "w.duckdb")
    (tmp_path / "fake.duckdb").write_text("no")
    with pytest.raises(InvalidInput, match="cannot be opened"):
        load_files([tmp_path / "fake.duckdb"], database=tmp_path / "w.duckdb")


def test_a_line_of_totals_at_the_end_is_reported(tmp_path: Path) -> None:
    table, rows = load(tmp_path, "region,sales\nnorth,1\nsouth,2\nTotal,3\n")
    assert rows == [("north", 1), ("south", 2)]
    assert [(r.line, r.reason) for r in table.reported] == [(4, "a line of totals, not a row")]
    assert len(load(tmp_path, "region,sales\nTotal,1\nsouth,2\nTotal,3\n", "more.csv")[1]) == 3


def test_decimal_commas_do_not_pass_for_delimiters(tmp_path: Path) -> None:
    _, rows = load(tmp_path, "x;y\n" + "1,5;2,5\n" * 600)
    assert rows == [(1.5, 2.5)] * 600


def test_one_column_of_sentences(tmp_path: Path) -> None:
    table, rows = load(tmp_path, "text\nhello, you\nbye\nso, so, so\n", "lines.txt")
    assert rows == [("hello, you",), ("bye",), ("so, so, so",)]
    assert table.rows_in_file == 3


def test_a_field_that_swallows_rows_is_pointed_out(tmp_path: Path) -> None:
    lines = ["id,text,n"] + [f"{i},fine,{i}" for i in range(1, 30)]
    lines[10] = '10,"opens,10'
    lines[20] = '20,closes",20'
    table, _ = load(tmp_path, "\n".join(lines) + "\n")
    assert table.rows_in_file == 19
    assert any("line 11" in n and "look like rows" in n for n in table.notes)


def test_a_database_under_another_name(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "shop.dat")) as connection:
        connection.execute("create table orders as select range as id from range(5)")
    report = load_files([tmp_path / "shop.dat"], database=tmp_path / "w.duckdb")
    assert report.in_place == tmp_path / "shop.dat"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.text(alphabet='ab1 ,;"\n\r', max_size=6), max_size=5), min_size=1, max_size=12))
def test_any_records_are_accounted_for(tmp_path: Path, records: list[list[str]]) -> None:
    path = tmp_path / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["one", "two", "three"])
        writer.writerows(records)
    with path.open(encoding="utf-8", newline="") as stream:
        found = [row for row in csv.reader(stream) if row]
    (tmp_path / "w.duckdb").unlink(missing_ok=True)
    try:
        report = load_files([path], database=tmp_path / "w.duckdb")
    except InvalidInput:
        return  # declined as a whole, which is its own test
    table = report.tables[0]
    assert table.rows_in_file == table.rows_loaded + table.rows_reported == len(found) - 1
    assert len(rows_of(tmp_path, table.table)) == table.rows_loaded
