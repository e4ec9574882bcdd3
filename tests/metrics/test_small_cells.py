"""Small cells stay hidden, and cannot be worked out from what is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.metrics.place import ANALYST, CAREFUL, LIMITED, ask, build_place
from tools.access import Asker
from tools.errors import Declined
from tools.metrics.outcome import Outcome
from tools.metrics.suppress import suppress_small
from tools.workspace import Workspace

# surface a: 12 rows of 6 people, 3 spam by 3; b: 8 rows of 2 people; c: 9 rows of 9 people, 1 spam; d: 5 of 5.
TABLES = """
create table events as
  select 'a' as surface, i % 6 as person, i < 3 as spam, date '2026-01-01' + (i % 3)::integer as day, 'a' as secret
    from range(12) r(i)
  union all select 'b', i % 2, false, date '2026-01-02', 'b' from range(8) r(i)
  union all select 'c', i, i = 0, date '2026-01-02', 'b' from range(9) r(i)
  union all select 'd', i, i < 4, date '2026-01-01' + i::integer, 'b' from range(5) r(i);
"""
METRICS = """
datasets:
  - name: events
    source: events
    time: day
    actor: person
    dimensions: [{name: surface, column: surface}, {name: secret, column: secret}]
metrics:
  - {name: n, kind: count, of: events}
  - {name: spam_share, kind: proportion, of: events, positive: {column: spam, equals: true}}
  - {name: people, kind: distinct, of: events, column: person}
  - name: spam_rate
    kind: ratio
    numerator: {agg: count, of: events, where: [{column: spam, equals: true}]}
    denominator: {agg: count, of: events}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    limited = "tables = ['events']\ndeny_columns = ['events.secret', 'events.day']"
    return build_place(Path(tmp_path_factory.mktemp("small")) / "w", sql=TABLES, metrics=METRICS, limited=limited)


def shown(workspace: Workspace, asker: Asker = CAREFUL, **query: object) -> dict[str, object]:
    figures = ask(workspace, asker, **query).figures
    return {str(f.slice["surface"]): f.undefined or f.value for f in figures}


def test_a_cell_of_few_people_is_hidden_with_a_second_one(place: Workspace) -> None:
    # b has 8 rows but 2 people; hiding b alone would give it away as the total minus the rest.
    assert shown(place, metrics=["n"], by=["surface"]) == {"a": 12, "c": 9, "d": "small_cell", "b": "small_cell"}
    assert shown(place, ANALYST, metrics=["n"], by=["surface"]) == {"a": 12, "b": 8, "c": 9, "d": 5}


def test_a_hidden_cell_says_nothing_of_its_size(place: Workspace) -> None:
    for figure in ask(place, CAREFUL, metrics=["spam_share"], by=["surface"]).figures:
        if figure.undefined:
            assert (figure.value, figure.n, figure.positives, figure.low, figure.high) == (None, None, None, None, None)


def test_few_positives_hide_a_share(place: Workspace) -> None:
    expected = {"a": 3 / 12, "b": "small_cell", "c": "small_cell", "d": 4 / 5}
    assert shown(place, metrics=["spam_share"], by=["surface"]) == expected
    assert shown(place, metrics=["spam_rate"], by=["surface"]) == expected


@pytest.mark.parametrize("metric", ["n", "spam_share", "people"])
def test_one_small_figure_is_declined(place: Workspace, metric: str) -> None:
    with pytest.raises(Declined) as caught:
        ask(place, CAREFUL, metrics=[metric], where=[{"dimension": "surface", "in": ["b"]}])
    assert caught.value.reason == "small_cell"


def test_a_share_of_a_small_part_is_hidden(place: Workspace) -> None:
    with pytest.raises(Declined):
        ask(place, CAREFUL, metrics=["n"], where=[{"dimension": "surface", "in": ["b"]}], share_over=["surface"])
    found = shown(place, metrics=["n"], by=["surface"], share_over=["surface"])
    assert found == {"a": 12 / 34, "c": 9 / 34, "d": "small_cell", "b": "small_cell"}


def test_empty_days_are_hidden_too(place: Workspace) -> None:
    figures = ask(place, CAREFUL, metrics=["n"], grain="day").figures
    # 1 January: 5 rows of persons 0 and 3; 3 January: 5 rows of persons 2 and 5
    assert [f.undefined or f.value for f in figures] == ["small_cell", 22, "small_cell", "small_cell", "small_cell"]


def test_a_comparison_hides_the_difference_with_its_side(place: Workspace) -> None:
    figures = ask(
        place,
        CAREFUL,
        metrics=["n"],
        period={"from": "2026-01-02", "to": "2026-01-03"},
        compare={"from": "2026-01-04", "to": "2026-01-05"},
    ).figures
    assert [f.undefined or f.value for f in figures] == ["small_cell", 22, "small_cell"]


def test_top_n_with_a_small_rest_hides_more(place: Workspace) -> None:
    figures = ask(place, CAREFUL, metrics=["n"], by=["surface"], limit=2).figures
    assert {f.slice["surface"]: f.undefined or f.value for f in figures} == {"a": 12, "c": 9, "other": 13}
    where = [{"dimension": "surface", "not_in": ["d"]}]
    figures = ask(place, CAREFUL, metrics=["n"], by=["surface"], limit=2, where=where).figures
    # the rest is b with its 2 people; a, with 6 people against the 9 of c, goes with it
    assert {f.slice["surface"] for f in figures if f.undefined} == {"a", "other"}


def test_lines_of_a_table_never_hide_exactly_one_cell() -> None:
    def cell(n: int) -> Outcome:
        return Outcome(value=n, n=n, guard=(n,))

    counts = [[9, 8, 2], [7, 6, 5], [9, 9, 9]]
    cells = {(i, j): cell(counts[i][j]) for i in range(3) for j in range(3)}
    hidden = {k for k, c in suppress_small(cells, min_cell=3).items() if c.undefined == "small_cell"}
    assert (0, 2) in hidden
    for i in range(3):
        assert sum((i, j) in hidden for j in range(3)) != 1
        assert sum((j, i) in hidden for j in range(3)) != 1
    assert (2, 0) not in hidden or (2, 1) not in hidden


def test_off_means_off() -> None:
    cells = {("a",): Outcome(value=1, n=1, guard=(1,))}
    assert suppress_small(cells, min_cell=1) is cells


def test_denied_columns_cannot_be_used_in_any_way(place: Workspace) -> None:
    assert ask(place, LIMITED, metrics=["n"]).figures[0].value == 34
    for query in (
        {"by": ["secret"]},
        {"where": [{"dimension": "secret", "in": ["a"]}]},
        {"grain": "day"},
        {"period": {"from": "2026-01-01", "to": "2026-01-02"}},
    ):
        with pytest.raises(Declined) as caught:
            ask(place, LIMITED, metrics=["n"], **query)
        assert caught.value.reason == "not_permitted"


def test_who_may_not_know_times_is_not_told_them(place: Workspace) -> None:
    figure = ask(place, LIMITED, metrics=["n"]).figures[0]
    assert (figure.period, figure.as_of) == (None, None)
    assert ask(place, metrics=["n"]).figures[0].as_of is not None


def test_every_reader_must_be_allowed(place: Workspace) -> None:
    both = Asker(person="a", roles=("analyst",), audience_roles=("careful",))
    with pytest.raises(Declined) as caught:
        ask(place, both, metrics=["n"], where=[{"dimension": "surface", "in": ["b"]}])
    assert caught.value.reason == "small_cell"
    with pytest.raises(Declined):
        ask(place, Asker(person="a", roles=("analyst",), audience_roles=("limited",)), metrics=["n"], by=["secret"])


def test_what_is_excluded_must_not_be_small(place: Workspace) -> None:
    # 34 rows in all; 34 - 26 = 8 would be the rows of b, which has 2 people
    without_b = [{"dimension": "surface", "not_in": ["b"]}]
    assert ask(place, ANALYST, metrics=["n"], where=without_b).figures[0].value == 26
    with pytest.raises(Declined, match="leaves out") as caught:
        ask(place, CAREFUL, metrics=["n"], where=without_b)
    assert (caught.value.reason, caught.value.rule) == ("small_cell", "small_complement")
    for more in ({"share_over": ["surface"]}, {"metrics": ["people"]}):
        with pytest.raises(Declined):
            ask(place, CAREFUL, **{"metrics": ["n"], "where": without_b, **more})


def test_what_is_excluded_may_be_large_enough(place: Workspace) -> None:
    for values, rest in ((["a"], 22), (["c"], 25), (["b", "d"], 21)):  # b and d together: 13 rows of 5 people
        where = [{"dimension": "surface", "not_in": values}]
        result = ask(place, CAREFUL, metrics=["n"], where=where)
        assert result.figures[0].value == rest
        assert len(result.sql) == 1  # what was checked is no part of the answer


def test_few_positives_among_the_excluded_hide_a_share(place: Workspace) -> None:
    # a has 3 spam, c one
    where = [{"dimension": "surface", "not_in": ["a"]}]
    assert ask(place, CAREFUL, metrics=["spam_share"], where=where).figures[0].value == 5 / 22
    with pytest.raises(Declined, match="leaves out"):
        ask(place, CAREFUL, metrics=["spam_share"], where=[{"dimension": "surface", "not_in": ["c"]}])


def test_what_is_excluded_is_looked_at_slice_by_slice(tmp_path: Path) -> None:
    # is: 9 people on web, 2 on app; no: 5 on app; us: 9 on each, and 9 on tv
    tables = """
    create table t as
      select 'web' as surface, 'is' as country, i as person, date '2026-01-01' as day from range(9) r(i)
      union all select 'app', 'is', i, date '2026-01-02' from range(2) r(i)
      union all select 'app', 'no', i, date '2026-01-02' from range(5) r(i)
      union all select 'app', null, i, date '2026-01-01' from range(2) r(i)
      union all select s, 'us', i, date '2026-01-01' + (i % 2)::integer
        from range(9) r(i), (values ('web'), ('app'), ('tv')) v(s);
    """
    metrics = """
    datasets:
      - {name: t, source: t, time: day, actor: person,
         dimensions: [{name: surface, column: surface}, {name: country, column: country}]}
    metrics: [{name: n, kind: count, of: t}]
    """
    place = build_place(tmp_path / "w", sql=tables, metrics=metrics)
    without = [{"dimension": "country", "not_in": ["is"]}]
    assert ask(place, CAREFUL, metrics=["n"], where=without).figures[0].value == 34
    # app would give away its 2; web or tv goes with it, because 34 minus the rest gives app
    assert shown(place, metrics=["n"], by=["surface"], where=without) == {
        "web": 9, "app": "small_cell", "tv": "small_cell",
    }  # fmt: skip
    days = {"from": "2026-01-02", "to": "2026-01-03"}
    with pytest.raises(Declined, match="leaves out"):  # on that day is has 2 people
        ask(place, CAREFUL, metrics=["n"], where=without, period=days)
    with pytest.raises(Declined, match="leaves out"):  # 2 rows have no country
        ask(place, CAREFUL, metrics=["n"], where=[{"dimension": "country", "is_null": False}])
    assert shown(place, metrics=["n"], by=["surface"], where=[{"dimension": "country", "not_in": ["no"]}], limit=1) == {
        "web": 18, "other": 22,
    }  # fmt: skip
