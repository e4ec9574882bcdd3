"""Names and values that SQL gives a meaning to."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.place import ask, build_place, by_hand, cells
from tools.errors import Declined, InvalidInput
from tools.metrics.sql import Values, literal, quote, show_sql

ODD = [
    "select",
    "group",
    "order",
    "a b",
    'qu"ote',
    "it's",
    "Ünïcode",
    "value",
    "n",
    "stratum",
    "day",
    "1st",
    "$1",
    "x;--",
]


def yaml_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def test_reserved_and_odd_names_work_everywhere(tmp_path: Path) -> None:
    columns = ", ".join(f"i % 3 as {quote(c)}" for c in ODD)
    sql = f"""create table "my ""table" as select i as "when", date '2026-01-01' + i::integer as "timestamp", {columns}
        from range(30) r(i);
        create table "end" as select i as "from", 'p' || i as "to" from range(3) r(i);"""
    dimensions = ", ".join(f"{{name: {yaml_text(c)}, column: {yaml_text(c)}}}" for c in ODD)
    metrics = f"""
    datasets:
      - name: {yaml_text('my "data')}
        source: {yaml_text('my "table')}
        grain: [when]
        time: timestamp
        dimensions: [{dimensions}]
      - {{name: "end", source: "end", grain: [from], dimensions: [{{name: to, column: to}}]}}
    relationships:
      - {{name: "join", from: {yaml_text('my "data')}, to: "end", from_columns: [select], to_columns: [from]}}
    metrics:
      - {{name: "count", kind: count, of: {yaml_text('my "data')}}}
      - {{name: "sum", kind: sum, of: {yaml_text('my "data')}, column: "group"}}
    """
    place = build_place(tmp_path / "w", sql=sql, metrics=metrics)
    for name in ODD:
        result = ask(place, metrics=["count", "sum"], by=[name], grain="month")
        assert [f.value for f in result.figures] == [10, 0, 10, 10, 10, 20]
        assert ask(place, metrics=["count"], where=[{"dimension": name, "in": [1]}]).figures[0].value == 10
        for shown in result.sql:
            assert len(by_hand(place, shown)) == 3
    assert sorted(cells(ask(place, metrics=["count"], by=["to", "n", "value"]))) == [
        (f"p{i}", i, i, 10) for i in range(3)
    ]


def test_every_keyword_can_be_a_column_a_table_and_a_value(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        words = [row[0] for row in connection.execute("select distinct keyword_name from duckdb_keywords()").fetchall()]
        for word in sorted({*words, "current_date", "user", "rowid_", "localtime"}):
            name = quote(word)
            connection.execute(f"create or replace table {name} as select 1 as {name}, 2 as other")
            sql = f"select {name}.{name} as {name}, count({name}) as n from {name} where {name} = 1 group by 1"
            assert connection.execute(sql).fetchall() == [(1, 1)], word
            sql = f"select {name} as {name} from {name} where {name} = 1"
            assert connection.execute(sql).fetchall() == [(1,)], word


HOSTILE = ["'; drop table t; --", '" or 1=1 --', "x' or 'x'='x", "$1", "\\'; select 1", "a\nb", "/* */", "%_", "日本"]


def test_a_hostile_value_is_only_a_value(tmp_path: Path) -> None:
    rows = ", ".join(f"({i}, {literal(v)})" for i, v in enumerate(HOSTILE))
    sql = f"create table t as from (values {rows}, (99, 'plain')) t(i, v)"
    metrics = (
        "datasets: [{name: t, source: t, dimensions: [{name: v, column: v}]}]\nmetrics: [{name: n, kind: count, of: t}]"
    )
    place = build_place(tmp_path / "w", sql=sql, metrics=metrics)
    for value in HOSTILE:
        result = ask(place, metrics=["n"], where=[{"dimension": "v", "in": [value]}])
        assert result.figures[0].value == 1
        assert by_hand(place, result.sql[0]) == [(1,)]
        both = ask(place, metrics=["n"], where=[{"dimension": "v", "not_in": [value]}])
        assert both.figures[0].value == len(HOSTILE)
        assert by_hand(place, both.sql[0]) == [(len(HOSTILE),)]
        with pytest.raises((InvalidInput, Declined)):
            ask(place, metrics=["n"], where=[{"dimension": "v", "in": [value + "'"]}])
        with pytest.raises((InvalidInput, Declined)):
            ask(place, metrics=["n"], by=[value])
        with pytest.raises(InvalidInput):
            ask(place, metrics=[value])
    for broken in ("nul\0", "\ud800"):
        with pytest.raises((InvalidInput, Declined)):
            ask(place, metrics=["n"], where=[{"dimension": "v", "in": [broken]}])


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40))
def test_any_text_survives_as_a_literal_and_as_a_name(text: str) -> None:
    with duckdb.connect() as connection:
        assert connection.execute(f"select {literal(text)}").fetchone() == (text,)
        found = connection.execute(f"select 1 as {quote(text)}")
        assert found.description is not None
        assert found.description[0][0] == text
        bound = Values()
        sql = f"select {bound.bind(text)} as {quote(text)}, '$1', {bound.bind(7)}"
        assert connection.execute(sql, bound.bound).fetchone() == (text, "$1", 7)
        assert connection.execute(show_sql(sql, tuple(bound.bound))).fetchone() == (text, "$1", 7)


def test_names_are_only_quoted_where_they_must_be() -> None:
    assert quote("created_at") == "created_at"
    assert quote("label") == "label"
    assert quote("Order") == '"Order"'
    with pytest.raises(InvalidInput):
        quote("")
