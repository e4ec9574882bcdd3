"""Each scorer on answers that keep, and answers that break, what it looks for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agent.state import Answer, Choice
from evals.expect import Expect
from evals.facts import Facts
from evals.number_text import renders_limit
from evals.scorers import is_silent_wrong, score_laws, score_mentions, score_numbers, score_value
from evals.truth import MISSING, Row, Truth, label_of, same_number
from tests.evals.scripted import TEXT, answered, asked_back, declined, figure
from tools.figure import Period

BREAKDOWN = Expect(kind=("answer",), figures="select 1")
ONE = Expect(kind=("answer",), sql="select 1")
ROWS = Truth(rows=(Row(frozenset({"web"}), 3.0), Row(frozenset({MISSING}), 1.0)))


def sliced(value: float, **values: Any) -> Any:
    return figure(value, id=f"f{value}", slice=values)


def test_rows_match_in_any_order() -> None:
    assert score_value(answered(sliced(1, channel=None), sliced(3, channel="web")), BREAKDOWN, ROWS) == []


@pytest.mark.parametrize(
    ("figures", "problem"),
    [
        ((sliced(3, channel="web"),), "(missing) is missing"),
        ((sliced(3, channel="web"), sliced(2, channel=None)), "(missing) is 2"),
        ((sliced(3, channel="web"), sliced(1, channel=None), sliced(9, channel="app")), "not asked for"),
        ((), "no figure"),
    ],
)
def test_wrong_rows_are_named(figures: tuple[Any, ...], problem: str) -> None:
    assert problem in " ".join(score_value(answered(*figures), BREAKDOWN, ROWS))


def test_an_other_row_and_empty_days_are_no_fault() -> None:
    truth = Truth(rows=(Row(frozenset({"2026-03-01"}), 5.0),))
    days = (sliced(5, day=date(2026, 3, 1)), sliced(0, day=date(2026, 3, 2)), sliced(8, day="other"))
    assert score_value(answered(*days), BREAKDOWN, truth) == []


def test_leading_rows_must_be_first_and_in_order() -> None:
    expect = Expect(kind=("answer",), figures="select 1", rows="leading")
    truth = Truth(rows=(Row(frozenset({"web"}), 3.0), Row(frozenset({"app"}), 2.0)))
    web, app, store = sliced(3, channel="web"), sliced(2, channel="app"), sliced(1, channel="store")
    assert score_value(answered(web, app, store), expect, truth) == []
    assert score_value(answered(app, web, store), expect, truth) != []
    assert score_value(answered(web), expect, truth) != []


def test_one_value_basis_and_unit() -> None:
    truth = Truth(value=0.25)
    right = answered(figure(0.25, unit="share"))
    assert score_value(right, ONE, truth) == []
    strict = Expect(kind=("answer",), sql="select 1", basis="sample", unit="count")
    assert len(score_value(right, strict, truth)) == 2
    assert "expected 0.25" in score_value(answered(figure(0.2501)), ONE, truth)[0]


def test_numbers_are_compared_with_a_relative_tolerance() -> None:
    assert same_number(1_000_000.0000001, 1e6, tolerance=1e-9)
    assert not same_number(0.0, 1e-6, tolerance=1e-6)
    assert same_number(None, None, tolerance=1e-6)
    assert not same_number(None, 0.0, tolerance=1e-6)


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (None, MISSING),
        ("(missing)", MISSING),
        ("NO", "no"),
        (date(2026, 3, 1), "2026-03-01"),
        ("2026-03", "2026-03-01"),
        ("2026-03-01 00:00:00", "2026-03-01"),
        (True, "true"),
        (1.0, "1"),
        (1, "1"),
    ],
)
def test_labels_are_compared_as_people_read_them(value: Any, label: str) -> None:
    assert label_of(value) == label


def test_silent_wrong_is_a_number_where_another_was_right() -> None:
    number = answered(figure(3))
    assert is_silent_wrong(number, ONE, value_problems=["value is 3"])
    assert is_silent_wrong(number, Expect(kind=("declined",)), value_problems=[])
    assert not is_silent_wrong(number, ONE, value_problems=[])
    assert not is_silent_wrong(declined("no_data"), ONE, value_problems=[])
    assert not is_silent_wrong(asked_back("a"), ONE, value_problems=[])


def test_mentions_accept_either_word() -> None:
    expect = Expect(kind=("answer",), mentions=("2026-03-17|17 March", "appeals"))
    assert score_mentions(answered(said="Appeals: 17 March 2026."), expect) == []
    assert score_mentions(answered(said="Appeals: yesterday."), expect) == ["does not say '2026-03-17|17 March'"]


def test_a_lawful_answer_has_no_problems() -> None:
    sample = figure(
        0.0068, unit="share", basis="sample", method="x", low=0.005, high=0.009, level=0.95, n=6000, metric="prevalence"
    )
    for answer in (answered(figure(3)), answered(sample), declined("stale"), asked_back("a", "b")):
        assert score_laws(answer) == []


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (answered(figure(3), sql=()), "without the SQL"),
        (answered(figure(3), text="3"), "in this order"),
        (answered(figure(3), text=TEXT.replace("Caveats", "Answer")), "in this order"),
        (answered(figure(3), figure(4)), "share an id"),
        (answered(figure(3), headline=" "), "headline is empty"),
        (answered(figure(1.5, unit="share")), "a share of 1.5"),
        (
            answered(figure(0.5, unit="share", basis="sample", low=0.6, high=0.7, level=0.95, n=9)),
            "without an interval around",
        ),
        (
            answered(figure(0, unit="share", basis="sample", low=0, high=0.1, level=0.95, n=30)),
            "not one-sided",
        ),
        (
            answered(
                figure(0, unit="share", basis="sample", low=0, high=0.1, level=0.95, n=30, one_sided=True),
                said="Prevalence: 0 %.",
            ),
            "calls an upper bound 0 %",
        ),
        (Answer(kind="declined", headline="No.", text=""), "without a reason"),
        (Answer(kind="clarification", headline="?", text=""), "0 choices"),
        (
            Answer(kind="clarification", headline="?", text="", choices=(Choice(label="", query="a"),)),
            "without label or query",
        ),
    ],
)
def test_broken_laws_are_named(answer: Answer, problem: str) -> None:
    assert problem in " ".join(score_laws(answer))


FACTS = Facts(numbers=frozenset({5000.0, 0.072}), days=frozenset({date(2026, 4, 17)}))
MARCH = Period.model_validate({"from": "2026-03-01", "to": "2026-04-01"})


@pytest.mark.parametrize(
    "said",
    [
        "1,234 orders from 1 to 31 March 2026.",
        "1234 orders, 1.2 thousand.",
        "13.4 % of orders (version 2).",
        "0.134, or 134 per 1,000.",
        "You asked for the top 7.",
        "`select 99` ran.",
        "1. web\n2. app",
        "It took 45 h 52 min.",
        "7.2% of 5,000 rows have no country; the newest is of 2026-04-17.",
    ],
)
def test_numbers_that_come_from_somewhere(said: str) -> None:
    count, share = figure(1234, period=MARCH), figure(0.13401, id="f2", unit="share")
    answer = answered(count, share, figure(45.8635, id="f3", unit="hours"), said=said)
    assert score_numbers(answer, question="top 7 please", definitions="version: 2\nper: 1000", facts=FACTS) == []


@pytest.mark.parametrize("said", ["1,235 orders.", "About 13.5 %.", "In 2019.", "0 orders.", "Up 42 %.", "45 h 53 min"])
def test_numbers_that_come_from_nowhere(said: str) -> None:
    answer = answered(figure(1234, period=MARCH), figure(0.13401, id="f2", unit="share"), said=said)
    assert score_numbers(answer, question="orders", definitions="", facts=FACTS) != []


def test_a_small_cell_does_not_give_away_its_count() -> None:
    leaking = declined("small_cell").model_copy(update={"text": "Only 5000 accounts are behind it; 10 are needed."})
    problems = score_numbers(leaking, question="messages", definitions="min_cell = 10", facts=FACTS)
    assert problems == ["numbers in the text come from nowhere: 5000"]
    other = declined("underpowered").model_copy(update={"text": "38 rows; 100 are needed."})
    assert score_numbers(other, question="messages", definitions="", facts=FACTS) == []


def test_a_bound_may_be_rounded_away_from_the_value() -> None:
    bound = figure(0.0, unit="share", basis="sample", low=0.0, high=0.03601, level=0.95, n=300, one_sided=True)
    for said, fine in (("fewer than 3.7%", True), ("fewer than 3.6%", True), ("fewer than 3.8%", False)):
        problems = score_numbers(answered(bound, said=said), question="", definitions="", facts=Facts())
        assert (problems == []) is fine


def test_rows_left_out_of_a_long_table_may_be_counted() -> None:
    rows = tuple(figure(1, id=f"f{i}", slice={"worker": f"w{i}"}) for i in range(50))
    said = "| worker | labels |\n| --- | --- |\n| wa | 1 |\n| wb | 1 |\n\nand 48 more rows"
    assert score_numbers(answered(*rows, said=said), question="", definitions="", facts=Facts()) == []
    wrong = said.replace("48", "99")
    assert score_numbers(answered(*rows, said=wrong), question="", definitions="", facts=Facts()) != []


@pytest.mark.parametrize(
    ("token", "low", "high", "is_limit"),
    [
        ("0.09", -0.000862, None, True),  # -0.0862 points, shown as -0.09
        ("0.08", -0.000862, None, False),  # which would be inward
        ("4", 0.0453, 0.2, True),
        ("5", 0.0453, 0.2, False),
        ("21", 0.0453, 0.2003, True),
        ("20", 0.0453, 0.2003, False),
        ("370", 378.2, 553.1, True),
        ("560", 378.2, 553.1, True),
        ("550", 378.2, 553.1, False),
        ("0", 0.3, 0.6, False),
        ("1", None, None, False),
    ],
)
def test_a_limit_may_be_rounded_outward_alone(
    token: str, low: float | None, high: float | None, is_limit: bool
) -> None:
    assert renders_limit(token, low=low, high=high) is is_limit
