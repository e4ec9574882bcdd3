"""Order, the top N, and the rest as one row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.metrics.place import ask, build_place, cells
from tools.workspace import Workspace

TABLES = """
create table t as
  select k, i % 4 as v, (i % 5 = 0) as hit, date '2026-01-05' + (i * 3 % 21)::integer as day, i as id
  from (values ('a', 10), ('b', 7), ('c', 7), ('d', 3), ('other', 2), (null, 5)) s(k, n), range(n) r(i);
"""
METRICS = """
datasets:
  - name: t
    source: t
    time: day
    dimensions: [{name: k, column: k}, {name: v, column: v}]
    measures: [{name: v2, column: v}]
metrics:
  - {name: n, kind: count, of: t}
  - {name: hit_share, kind: proportion, of: t, positive: {column: hit, equals: true}}
  - {name: sure_share, kind: proportion, of: t, positive: {column: hit, equals: true}, min_n: 6}
  - {name: ids, kind: distinct, of: t, column: id}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_place(Path(tmp_path_factory.mktemp("top")) / "w", sql=TABLES, metrics=METRICS)


def test_words_come_by_size_ties_by_name(place: Workspace) -> None:
    expected = [("a", 10), ("b", 7), ("c", 7), (None, 5), ("d", 3), ("other", 2)]
    assert cells(ask(place, metrics=["n"], by=["k"])) == expected
    assert cells(ask(place, metrics=["n"], by=["k"], order="asc")) == [
        ("other", 2),
        ("d", 3),
        (None, 5),
        ("b", 7),
        ("c", 7),
        ("a", 10),
    ]


def test_numbers_come_in_their_order(place: Workspace) -> None:
    assert [f.slice["v"] for f in ask(place, metrics=["n"], by=["v"]).figures] == [0, 1, 2, 3]


def test_the_rest_needs_as_many_rows_as_any_cell(place: Workspace) -> None:
    few = [{"dimension": "k", "in": ["a", "b", "c", "d"]}]
    rest = ask(place, metrics=["sure_share"], by=["k"], where=few, limit=3).figures[-1]
    assert (rest.slice["k"], rest.n, rest.value, rest.undefined) == ("other", 3, None, "fewer than 6 rows")
    assert ask(place, metrics=["sure_share"], by=["k"], limit=3).figures[-1].value == 3 / 10


def test_the_rest_is_one_row_and_never_mistaken_for_a_value(place: Workspace) -> None:
    assert cells(ask(place, metrics=["n"], by=["k"], limit=2)) == [("a", 10), ("b", 7), ("other", 17)]
    found = cells(ask(place, metrics=["n"], by=["k"], limit=2, order="asc"))
    assert found == [("other", 2), ("d", 3), ("other (all the rest)", 29)]
    assert cells(ask(place, metrics=["n"], by=["k"], limit=6)) == cells(ask(place, metrics=["n"], by=["k"]))


def test_shares_and_averages_of_the_rest_are_of_all_its_rows(place: Workspace) -> None:
    # hits: a 2 of 10, b 2 of 7, c 2 of 7, d 1 of 3, other 1 of 2, none 1 of 5
    found = cells(ask(place, metrics=["hit_share"], by=["k"], limit=1))
    assert found == [("other", 1 / 2), ("other (all the rest)", 8 / 32)]
    # v sums: a 13 (0..9 mod 4), b 9, c 9, d 3, other 1, none 6
    found = cells(ask(place, metrics=["average_v2"], by=["k"], limit=1))
    assert found == [("a", 1.3), ("other", (9 + 9 + 3 + 1 + 6) / 24)]


def test_what_does_not_add_up_has_no_rest(place: Workspace) -> None:
    for metric in ("ids", "median_v2", "max_v2"):
        result = ask(place, metrics=[metric], by=["k"], limit=2)
        assert len(result.figures) == 2
        assert "4 more are not shown." in result.caveats


def test_shares_of_the_rest_complete_the_whole(place: Workspace) -> None:
    found = cells(ask(place, metrics=["n"], by=["k"], share_over=["k"], limit=2))
    assert found == [("a", 10 / 34), ("b", 7 / 34), ("other", pytest.approx(17 / 34))]


def test_the_top_over_time_is_the_top_of_the_whole_period(place: Workspace) -> None:
    result = ask(place, metrics=["n"], by=["k"], limit=1, grain="week")
    assert result.table is not None
    assert result.table.columns == ("week", "k", "n")
    rows = result.table.rows
    assert [r[1] for r in rows] == ["a", "other"] * 3
    assert sum(r[2] for r in rows if r[1] == "a") == 10
    assert sum(r[2] for r in rows) == 34


def test_the_largest_days(place: Workspace) -> None:
    result = ask(place, metrics=["n"], grain="day", order="desc", limit=2)
    every = sorted((f.value or 0 for f in ask(place, metrics=["n"], grain="day").figures), reverse=True)
    assert [f.value for f in result.figures] == every[:2]


def test_several_metrics_share_their_rows(place: Workspace) -> None:
    result = ask(place, metrics=["n", "hit_share"], by=["k"], limit=1)
    assert [(f.metric, f.value) for f in result.figures] == [
        ("n", 10),
        ("hit_share", 2 / 10),
        ("n", 24),
        ("hit_share", 7 / 24),
    ]
    assert [f.id for f in result.figures] == ["f1", "f2", "f3", "f4"]
    assert result.table is not None
    assert result.table.columns == ("k", "n", "hit_share")


def test_a_comparison_by_a_dimension_has_three_figures_a_row(place: Workspace) -> None:
    query: dict[str, Any] = {
        "metrics": ["n"],
        "by": ["k"],
        "period": {"from": "2026-01-12", "to": "2026-01-19"},
        "compare": {"from": "2026-01-05", "to": "2026-01-12"},
    }
    # days are 5 January + 3i mod 21: rows i = 0, 1, 2, 7, 8, 9 fall in the first week, 3 and 4 in the second
    new = {"a": 2, "b": 2, "c": 2, None: 2}
    old = {"a": 6, "b": 3, "c": 3, "d": 3, "other": 2, None: 3}
    figures = ask(place, **query).figures
    triples = [figures[i : i + 3] for i in range(0, len(figures), 3)]
    assert {t[0].slice["k"]: tuple(f.value for f in t) for t in triples} == {
        k: (new.get(k, 0) - old[k], new.get(k, 0), old[k]) for k in old
    }
    top = ask(place, **query, limit=1).figures
    assert [(f.slice["k"], f.value) for f in top] == [
        ("a", -4),
        ("a", 2),
        ("a", 6),
        ("other", -8),
        ("other", 6),
        ("other", 14),
    ]
