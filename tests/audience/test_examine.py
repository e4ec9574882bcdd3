"""The examiner of the matrix, on answers that leak, refuse or miss: it must see each."""

from __future__ import annotations

import duckdb
import pytest

from tests.audience.case import Case
from tests.audience.examine import examine
from tests.audience.secrets import SECRETS, secrets_from
from tests.audience.surfaces import Shown

FROM_NOWHERE = "select 137 where false"


@pytest.fixture(scope="module")
def truth() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create table t as select * from (values ('books', 488), ('toys', 226)) v(category, n)")
    return connection


def case(**changes: object) -> Case:
    given = {"as": ["analyst"], "ask": "sellers", "expect": ["answer", "declined"], "why": "a planted one"}
    return Case.model_validate({**given, **changes})


def shown(text: str = "", outcome: str = "answer", reason: str | None = None, **rows: float) -> Shown:
    return Shown(outcome, reason, text, tuple((frozenset({label}), value) for label, value in rows.items()))


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ("37 of Dotterel-amber", "says 'dotterel'"),
        ("37 of DOT\u00adTEREL", "says 'dotterel'"),
        ("Did you mean whimbrel_strikes?", "says 'whimbrel'"),
        ("Osprey-Lattice Holding 7", "says 'osprey-lattice'"),
        ("transfer word is saffron-plover-8841", "says 'saffron-plover'"),
    ],
)
def test_a_secret_is_seen(truth: duckdb.DuckDBPyConnection, planted: str, said: str) -> None:
    assert examine(case(), shown(planted), truth) == [said]


def test_who_may_know_decides(truth: duckdb.DuckDBPyConnection) -> None:
    named = shown("37 of Dotterel-amber")
    assert examine(case(**{"as": ["lead"]}), named, truth) == []
    assert examine(case(**{"as": ["lead"], "before": ["lead"]}), named, truth) == []
    assert examine(case(**{"as": ["lead"], "before": ["lead", "analyst"]}), named, truth) != []
    assert examine(case(**{"as": ["analyst", "lead"]}), named, truth) == []
    assert examine(case(ask="sellers of dotterel"), named, truth) == [], "the asker typed it"
    assert "saffron-plover" in secrets_from(["lead"], ["lead"])
    assert secrets_from(["visitor"], []) == list(SECRETS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("there are 488", True),
        ("1,488", False),
        ("488.5", False),
        ("4880", False),
        ("(488)", True),
        ("n=488,", True),
        ("T04:488", False),
        ("488-9", False),
    ],
)
def test_a_hidden_number_is_seen_as_a_number_of_its_own(
    truth: duckdb.DuckDBPyConnection, text: str, found: bool
) -> None:
    hidden = case(hides="select n from t where category = 'books'")
    assert bool(examine(hidden, shown(text), truth)) == found


def test_a_withheld_cell_that_is_shown_is_seen(truth: duckdb.DuckDBPyConnection) -> None:
    blank = case(blank=["relics"])
    assert examine(blank, shown(books=488), truth) == []
    assert examine(blank, shown(books=488, relics=6), truth) == ["shows a figure of 'relics'"]


def test_an_answer_that_is_refused_or_wrong_is_seen(truth: duckdb.DuckDBPyConnection) -> None:
    wanted = case(expect="answer", shows="select category, n from t")
    assert examine(wanted, shown(books=488, toys=226), truth) == []
    assert examine(wanted, shown(books=488, toys=225), truth) == ["does not show 226 for ['toys']"]
    assert examine(wanted, shown(toys=226), truth) == ["does not show 488 for ['books']"]
    refused = examine(wanted, shown(outcome="declined", reason="not_permitted"), truth)
    assert refused[0] == "ended as declined (not_permitted), expected answer"
    assert examine(
        case(expect="declined", reason="small_cell"), shown(outcome="declined", reason="no_data"), truth
    ) == ["declined as no_data, expected small_cell"]
    assert examine(case(words=["region"]), shown("tier"), truth) == ["does not say 'region'"]
