"""Values of conditions against what is stored."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.metrics.place import CAREFUL, ask, build_place
from tools.errors import Declined, InvalidInput, InvalidWorkspace
from tools.metrics import catalog_of, check_catalog
from tools.metrics.profile import profile_of
from tools.warehouse import open_warehouse
from tools.workspace import Workspace

TABLES = """
create type mood as enum ('sad', 'ok');
create table t as
  select i as id, i % 3 as code, (i % 2 = 0) as flag, case when i % 5 = 0 then null else i % 2 end as bit,
    ['US', 'DE', 'NO', '1'][i % 4 + 1] as country, (i % 4)::varchar as digits, (i % 3 * 0.5)::decimal(8, 2) as price,
    date '2026-01-01' + (i % 2)::integer as day, case when i % 2 = 0 then 'sad' else 'ok' end::mood as mood,
    ('00000000-0000-0000-0000-00000000000' || i % 3)::uuid as key, 'user' || i as wide
  from range(3000) r(i);
"""
DIMENSIONS = ["id", "code", "flag", "bit", "country", "digits", "price", "day", "mood", "key", "wide"]
METRICS = (
    "datasets:\n  - name: t\n    source: t\n    grain: [id]\n    dimensions:\n"
    + "".join(f"      - {{name: {d}, column: {d}}}\n" for d in DIMENSIONS if d != "bit")
    + "      - {name: bit, column: bit, values: {1: [spam, junk], 0: [ham]}}\n"
    + "metrics: [{name: n, kind: count, of: t}]\n"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_place(Path(tmp_path_factory.mktemp("values")) / "w", sql=TABLES, metrics=METRICS)


@pytest.mark.parametrize(
    ("dimension", "value", "n"),
    [
        ("code", 1, 1000),
        ("code", "1", 1000),
        ("flag", True, 1500),
        ("flag", "true", 1500),
        ("flag", 0, 1500),
        ("bit", 1, 1200),
        ("bit", "spam", 1200),
        ("bit", "Ham", 1200),
        ("country", "NO", 750),
        ("country", 1, 750),
        ("digits", 2, 750),
        ("digits", "2", 750),
        ("price", 0.5, 1000),
        ("price", "0.5", 1000),
        ("day", "2026-01-02", 1500),
        ("mood", "sad", 1500),
        ("key", "00000000-0000-0000-0000-000000000002", 1000),
        ("wide", "user2999", 1),
        ("id", 2999, 1),
    ],
)
def test_a_value_is_matched_to_the_stored_type(place: Workspace, dimension: str, value: Any, n: int) -> None:
    figure = ask(place, metrics=["n"], where=[{"dimension": dimension, "in": [value]}]).figures[0]
    assert figure.value == n
    assert figure.slice.keys() == {dimension}
    rest = ask(place, metrics=["n"], where=[{"dimension": dimension, "not_in": [value]}]).figures[0]
    assert rest.value == 3000 - n


@pytest.mark.parametrize(
    ("dimension", "value", "near"),
    [
        ("country", "us", "US"),
        ("country", "DEE", "DE"),
        ("code", 7, None),
        ("code", "one", None),
        ("flag", "maybe", None),
        ("bit", "eggs", None),
        ("wide", "user3000", "user"),
        ("mood", "happy", None),
        ("day", "2027-01-01", None),
        ("day", "soon", None),
        ("price", "nan", None),
    ],
)
def test_a_value_that_does_not_occur_is_declined_with_near_ones(
    place: Workspace, dimension: str, value: Any, near: str | None
) -> None:
    for kind in ("in", "not_in"):
        with pytest.raises(Declined) as caught:
            ask(place, metrics=["n"], where=[{"dimension": dimension, kind: [value]}])
        assert caught.value.reason == "no_data"
        if near is not None:
            assert caught.value.allowed[0].startswith(near)


def test_rare_values_are_not_suggested_to_those_who_see_no_small_cells(place: Workspace) -> None:
    with pytest.raises(Declined) as caught:
        ask(place, CAREFUL, metrics=["n"], where=[{"dimension": "wide", "in": ["user3000"]}])
    assert caught.value.allowed == []


def test_words_have_no_order(place: Workspace) -> None:
    with pytest.raises(InvalidInput):
        ask(place, metrics=["n"], where=[{"dimension": "country", "above": 3}])
    with pytest.raises(InvalidInput):
        ask(place, metrics=["n"], where=[{"dimension": "day", "above": 3}])
    assert ask(place, metrics=["n"], where=[{"dimension": "price", "at_least": 0.5}]).figures[0].value == 2000
    assert ask(place, metrics=["n"], where=[{"dimension": "code", "below": 1}]).figures[0].value == 1000


def test_nothing_matches(place: Workspace) -> None:
    where = [{"dimension": "code", "in": [1]}, {"dimension": "id", "in": [0]}]
    assert ask(place, metrics=["n"], where=where).figures[0].value == 0
    with pytest.raises(Declined) as caught:
        ask(place, metrics=["n"], where=where, by=["country"])
    assert caught.value.reason == "no_data"


def test_the_profile(place: Workspace) -> None:
    profile = profile_of(place).datasets["t"]
    assert profile.rows == 3000
    assert profile.kinds == {
        "id": "number",
        "code": "number",
        "flag": "flag",
        "bit": "flag",
        "country": "category",
        "digits": "category",
        "price": "number",
        "day": "date",
        "mood": "category",
        "key": "category",
        "wide": "category",
    }
    assert profile.values["country"] == (("1", 750), ("DE", 750), ("NO", 750), ("US", 750))
    assert profile.values["price"] == ((0, 1000), (0.5, 1000), (1, 1000))
    assert profile.values["day"] == ((date(2026, 1, 1), 1500), (date(2026, 1, 2), 1500))
    assert profile.truncated == {"id", "wide"}
    assert len(profile.values["wide"]) == 1000
    assert profile.nulls["bit"] == 600


def test_the_profile_survives_on_disk(place: Workspace) -> None:
    from tools.metrics import profile as module
    from tools.metrics.profile_file import read_profile

    kept = profile_of(place)
    path = place.state_dir / "profile.json"
    key = (open_warehouse(place).fingerprint(), catalog_of(place).hash, "UTC")
    assert module.Profile is type(kept)
    assert read_profile(path, key) == kept
    assert read_profile(path, ("other", *key[1:])) is None
    path.write_text("{", encoding="utf-8")
    assert read_profile(path, key) is None


PLAIN = "datasets: [{name: d, source: t}]"


def faults(tmp_path: Path, metrics: str) -> list[str]:
    place = build_place(tmp_path / "w", sql=TABLES, metrics=metrics)
    return [f"{Path(f.where).name} {f.message}" for f in check_catalog(catalog_of(place), open_warehouse(place))]


@pytest.mark.parametrize(
    ("metrics", "fault"),
    [
        ("datasets: [{name: d, source: tt}]", "the warehouse has no table 'tt'"),
        ("datasets: [{name: d, source: t, dimensions: [{name: c, column: contry}]}]", "no column 'contry'"),
        (
            "datasets: [{name: d, source: t, time: country}]\nmetrics: [{name: m, kind: sum, of: d, column: country}]",
            "needs a number",
        ),
        ("datasets: [{name: d, source: t, time: flag}]", "'flag' is BOOLEAN, not a time"),
        (
            "datasets: [{name: d, source: t}]\nmetrics: [{name: m, kind: extreme, of: d, column: day, which: max}]",
            "needs a number",
        ),
        (
            "datasets: [{name: d, source: t}]\nmetrics: [{name: m, kind: percentile, of: d, column: day}]",
            "needs a number",
        ),
        ("datasets: [{name: d, source: t, measures: [{name: m, column: country}]}]", "is VARCHAR, not a number"),
        (
            "datasets: [{name: d, source: t, where: [{column: code, equals: one}]}]",
            "'one' is not a value of column 'code'",
        ),
        ("datasets: [{name: d, source: t, grain: [code]}]", "3,000 rows share their code with another"),
        ("datasets: [{name: d, source: t, grain: [id, bit]}]", "600 rows have no id + bit"),
        (
            "datasets: [{name: d, source: t}, {name: e, source: t}]\n"
            "relationships: [{name: r, from: d, to: e, from_columns: [id], to_columns: [code]}]",
            "several rows of 'e' have the same code",
        ),
    ],
)
def test_faults_against_the_data(tmp_path: Path, metrics: str, fault: str) -> None:
    found = faults(tmp_path, metrics)
    assert any(fault in f for f in found), found
    assert all(f.startswith("all.yml:") for f in found)


def test_a_broken_definition_stops_a_query_with_every_fault(tmp_path: Path) -> None:
    metrics = "datasets: [{name: d, source: t, grain: [x], time: y}]\nmetrics: [{name: n, kind: count, of: d}]"
    place = build_place(tmp_path / "w", sql=TABLES, metrics=metrics)
    with pytest.raises(InvalidWorkspace) as caught:
        ask(place, metrics=["n"])
    assert len(caught.value.faults) == 2


def test_an_unknown_metric(place: Workspace) -> None:
    with pytest.raises(InvalidInput) as caught:
        ask(place, metrics=["m"])
    assert caught.value.exit_code == 2


def test_too_few_rows_that_nobody_labels_are_not_labels(tmp_path: Path) -> None:
    tables = "create table appeals as select i % 3 = 0 as overturned from range(29) r(i);"
    metrics = """
    datasets: [{name: appeals, source: appeals}]
    metrics:
      - {name: appeals_overturn_rate, kind: proportion, of: appeals, min_n: 30,
         positive: {column: overturned, equals: true}}
    """
    with pytest.raises(Declined) as caught:
        ask(build_place(tmp_path / "w", sql=tables, metrics=metrics), metrics=["appeals_overturn_rate"])
    assert caught.value.message == "The appeals overturn rate needs at least 30 rows; there are 29."
    assert caught.value.hint == "Ask for a longer period or a wider group: 1 more row is needed."
