"""Types decided by every value of a column."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tools.ingest import LoadedTable, load_files

CASES: list[tuple[str, list[str], str, list[Any]]] = [
    ("n", ["1", "-2", "", "NA", "30"], "BIGINT", [1, -2, None, None, 30]),
    ("x", ["1", "2.5", "1e3", "-.5", "nan"], "DOUBLE", [1.0, 2.5, 1000.0, -0.5, None]),
    ("zip", ["01234", "90210"], "VARCHAR", ["01234", "90210"]),
    ("order_id", ["1234567890123456789", "1234567890123456788"], "VARCHAR",
     ["1234567890123456789", "1234567890123456788"]),
    ("phone", ["+14155551234", "+442071234567"], "VARCHAR", ["+14155551234", "+442071234567"]),
    ("hash", ["12e4", "0a3f"], "VARCHAR", ["12e4", "0a3f"]),
    ("ok", ["true", "FALSE", ""], "BOOLEAN", [True, False, None]),
    ("ok", ["Yes", "no", "NA"], "BOOLEAN", [True, False, None]),
    ("ok", ["Y", "N", "Y"], "BOOLEAN", [True, False, True]),
    ("grade", ["T", "T"], "VARCHAR", ["T", "T"]),
    ("spam", ["0", "1", "1"], "BIGINT", [0, 1, 1]),
    ("day", ["2024-02-29", "2024/03/01"], "DATE", [date(2024, 2, 29), date(2024, 3, 1)]),
    ("day", ["2024-02-30", "2024-03-01"], "VARCHAR", ["2024-02-30", "2024-03-01"]),
    ("at", ["2024-01-05 10:11", "2024-01-05T10:11:12.5"], "TIMESTAMP",
     [datetime(2024, 1, 5, 10, 11), datetime(2024, 1, 5, 10, 11, 12, 500000)]),
    ("at", ["2024-01-05T10:11:12+02:00", "2024-01-05 10:11:12-0330", "2024-01-05 10:11:12 UTC"], "TIMESTAMP",
     [datetime(2024, 1, 5, 8, 11, 12), datetime(2024, 1, 5, 13, 41, 12), datetime(2024, 1, 5, 10, 11, 12)]),
    ("d", ["31/01/2024", "01/02/2024"], "DATE", [date(2024, 1, 31), date(2024, 2, 1)]),
    ("d", ["1/31/24 3:04 PM", "2/1/24 11:00 AM"], "TIMESTAMP",
     [datetime(2024, 1, 31, 15, 4), datetime(2024, 2, 1, 11)]),
    ("d", ["01/02/2024", "01/03/2024", "01/04/2024"], "DATE", [date(2024, 2, 1), date(2024, 3, 1), date(2024, 4, 1)]),
    ("d", ["03/02/2024", "05/07/2024", "04/01/2024"], "VARCHAR", ["03/02/2024", "05/07/2024", "04/01/2024"]),
    ("d", ["05.01.2024 23:59", "31.01.2024 00:00"], "TIMESTAMP", [datetime(2024, 1, 5, 23, 59), datetime(2024, 1, 31)]),
    ("d", ["5-Jan-2024", "17-Feb-2024"], "DATE", [date(2024, 1, 5), date(2024, 2, 17)]),
    ("d", ["January 5, 2024", "March 17, 2024"], "DATE", [date(2024, 1, 5), date(2024, 3, 17)]),
    ("posted", ["Fri Jan 05 10:11:12 +0000 2024"], "TIMESTAMP", [datetime(2024, 1, 5, 10, 11, 12)]),
    ("date", ["20240105", "20231231"], "DATE", [date(2024, 1, 5), date(2023, 12, 31)]),
    ("serial_number", ["20240105", "20231231"], "BIGINT", [20240105, 20231231]),
    ("month", ["2024-01", "2024-02"], "DATE", [date(2024, 1, 1), date(2024, 2, 1)]),
    ("created_at", ["1700000000", "1700000001.25"], "TIMESTAMP",
     [datetime(2023, 11, 14, 22, 13, 20), datetime(2023, 11, 14, 22, 13, 21, 250000)]),
    ("ts", ["1700000000123", ""], "TIMESTAMP", [datetime(2023, 11, 14, 22, 13, 20, 123000), None]),
    ("followers", ["1700000000", "1700000001"], "BIGINT", [1700000000, 1700000001]),
    ("user_id", ["1700000000123"], "BIGINT", [1700000000123]),
    ("price", ["$1,234.50", "$3", "-$2.25", "($7)"], "DOUBLE", [1234.5, 3.0, -2.25, -7.0]),
    ("price", ["$3", "€4"], "VARCHAR", ["$3", "€4"]),
    ("rate", ["12.5%", "3 %"], "DOUBLE", [12.5, 3.0]),
    ("n", ["1,234", "12", "1,234,567.5"], "DOUBLE", [1234.0, 12.0, 1234567.5]),
    ("n", ["1,5", "2,25"], "VARCHAR", ["1,5", "2,25"]),
    ("handle_time", ["00:01:30", "1:00:00"], "DOUBLE", [90.0, 3600.0]),
    ("start", ["00:01:30", "1:00:00"], "VARCHAR", ["00:01:30", "1:00:00"]),
    ("country", ["NO", "NA", " US "], "VARCHAR", ["NO", "NA", "US"]),
    ("flag", ["NA", "", "NULL"], "VARCHAR", [None, None, None]),
]  # fmt: skip


def load(path: Path, name: str, values: list[str], delimiter: str = ",") -> tuple[LoadedTable, list[Any]]:
    lines = [f"row_no{delimiter}{name}"] + [f'r{i}{delimiter}"{v}"' for i, v in enumerate(values)]
    (path / "t.csv").write_text("\n".join(lines) + "\n")
    table = load_files([path / "t.csv"], database=path / "w.duckdb").tables[0]
    with duckdb.connect(str(path / "w.duckdb"), read_only=True) as connection:
        return table, [row[1] for row in connection.execute("select * from t").fetchall()]


@pytest.mark.parametrize(("name", "values", "kind", "expected"), CASES, ids=lambda v: str(v)[:30])
def test_types(tmp_path: Path, name: str, values: list[str], kind: str, expected: list[Any]) -> None:
    table, found = load(tmp_path, name, values)
    assert (list(table.columns.values())[1], found) == (kind, expected)


def test_the_last_of_many_values_decides(tmp_path: Path) -> None:
    values = [str(i) for i in range(5000)] + ["n.v."]
    table, found = load(tmp_path, "amount", values)
    assert table.columns["amount"] == "VARCHAR"
    assert found[-1] == "n.v."
    assert any(
        "amount: kept as text: 1 of 5001 values are not whole numbers, first 'n.v.' in line 5002" in n
        for n in table.notes
    )


def test_decimal_commas_where_the_delimiter_is_not_a_comma(tmp_path: Path) -> None:
    table, found = load(tmp_path, "betrag", ["1,5", "1.234,25", "7"], delimiter=";")
    assert found == [1.5, 1234.25, 7.0]
    assert any("decimal commas" in n for n in table.notes)


def test_ambiguous_dates_follow_the_other_dates_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n03/02/2024,31/01/2024\n05/07/2024,05/02/2024\n04/01/2024,06/07/2024\n")
    load_files([tmp_path / "t.csv"], database=tmp_path / "w.duckdb")
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as connection:
        assert connection.execute("select a from t").fetchall()[0] == (date(2024, 2, 3),)


def test_ambiguous_dates_follow_the_order_of_the_file(tmp_path: Path) -> None:
    days = [f"{month:02}/{day:02}/2024" for month in range(1, 9) for day in (3, 9)]
    table, found = load(tmp_path, "d", days)
    assert found[:3] == [date(2024, 1, 3), date(2024, 1, 9), date(2024, 2, 3)]
    assert any("sorted that way" in n for n in table.notes)


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["Y", "y", "Yes", "N", "n"], "BOOLEAN", [True, True, True, False, False]),
        (["TRUE", "true", "T", "FALSE"], "BOOLEAN", [True, True, True, False]),
        (["0", "1", "yes", "0"], "BOOLEAN", [False, True, True, False]),
        (["1", "0", "Y", ""], "BOOLEAN", [True, False, True, None]),
        (["T", "N", "T"], "VARCHAR", ["T", "N", "T"]),
        (["Y", "y", "Yes", "N", "maybe"], "VARCHAR", ["Y", "y", "Yes", "N", "maybe"]),
        (["0", "1", "1"], "BIGINT", [0, 1, 1]),
    ],
    ids=str,
)
def test_flags_written_in_several_ways(tmp_path: Path, values: list[str], kind: str, expected: list[Any]) -> None:
    table, found = load(tmp_path, "active", values)
    assert (table.columns["active"], found) == (kind, expected)


def test_every_spelling_of_a_flag_is_named(tmp_path: Path) -> None:
    table, _ = load(tmp_path, "active", ["Y", "y", "Yes", "N", "n"])
    assert "active: Y, Yes and y read as true; N and n read as false" in table.notes


@pytest.mark.parametrize(
    ("name", "values", "delimiter", "kind", "expected"),
    [
        ("population", ["1 234", "12 345 678", "7"], ",", "BIGINT", [1234, 12345678, 7]),
        ("population", ["1'234", "1\u202f234", "1\u00a0234"], ",", "BIGINT", [1234, 1234, 1234]),
        ("betrag", ["1 234,50", "2,25"], ";", "DOUBLE", [1234.5, 2.25]),
        ("phone", ["555 123", "555 124"], ",", "VARCHAR", ["555 123", "555 124"]),
        ("betrag", ["1.234,50 €", "3,00 €", "-2,25 €"], ";", "DOUBLE", [1234.5, 3.0, -2.25]),
        ("price", ["€1,234.50", "€3"], ";", "DOUBLE", [1234.5, 3.0]),
        ("cost", ["1 USD", "1,250.5 USD"], ",", "DOUBLE", [1.0, 1250.5]),
        ("cost", ["1 USD", "2 EUR"], ",", "VARCHAR", ["1 USD", "2 EUR"]),
        ("anteil", ["0,5 %", "12 %"], ";", "DOUBLE", [0.5, 12.0]),
    ],
    ids=str,
)
def test_numbers_as_people_write_them(
    tmp_path: Path, name: str, values: list[str], delimiter: str, kind: str, expected: list[Any]
) -> None:
    table, found = load(tmp_path, name, values, delimiter)
    assert (table.columns[name], found) == (kind, expected)
