"""The runner, on an answer function that says what the test tells it to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from agent.state import Answer
from evals.outcome import Report
from evals.runner import run
from evals.summary import to_json, to_markdown
from tests.evals.scripted import answered, asked_back, declined, figure, scripted

CASES = """
workspace: shop
tags: [small]
cases:
  - id: count
    question: orders?
    paraphrases: [how many orders, order cnt]
    expect: {kind: answer, value: 1500, sql: select count(*) from orders}
    why: the plainest count
  - id: forecast
    question: orders next year?
    expect: {kind: declined, reason: unsupported_cut}
    why: a forecast
    tags: [hard]
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evals")


def examine(folder: Path, cache: Path, answers: Mapping[str, Answer | Exception], text: str = CASES) -> Report:
    (folder / "cases.yml").write_text(text, encoding="utf-8")
    return run([folder / "cases.yml"], ask=scripted(answers), cache=cache)


RIGHT = answered(figure(1500), said="1,500 orders.")


def test_all_right_passes(tmp_path: Path, cache: Path) -> None:
    answers = {
        "orders?": RIGHT,
        "how many orders": RIGHT,
        "order cnt": RIGHT,
        "orders next year?": declined("unsupported_cut"),
    }
    report = examine(tmp_path, cache, answers)
    assert (report.verdict, report.exit_code, report.share_as_expected) == ("pass", 0, 1.0)
    assert len(report.outcomes) == 4


def test_a_wrong_number_is_silently_wrong_and_fails(tmp_path: Path, cache: Path) -> None:
    wrong = answered(figure(1390), said="1,390 orders.")
    report = examine(tmp_path, cache, {"orders?": wrong, "orders next year?": wrong})
    assert [(o.wording, o.cause) for o in report.silent_wrong] == [
        ("orders?", "wrong value"),
        ("orders next year?", "answered instead"),
    ]
    assert report.causes == {"declined instead": 2, "wrong value": 1, "answered instead": 1}
    assert report.exit_code == 1


def test_an_exception_of_the_product_is_an_outcome(tmp_path: Path, cache: Path) -> None:
    report = examine(tmp_path, cache, {"orders?": KeyError("orders")})
    outcome = report.outcomes[0]
    assert (outcome.cause, outcome.silent_wrong) == ("error", False)
    assert "KeyError" in outcome.problems[0]


def test_a_choice_must_be_answered_when_asked(tmp_path: Path, cache: Path) -> None:
    text = CASES.replace("expect: {kind: declined, reason: unsupported_cut}", "expect: {kind: clarification}")
    dead_end = examine(tmp_path, cache, {"orders next year?": asked_back("orders?", "nothing")}, text)
    alive = examine(tmp_path, cache, {"orders next year?": asked_back("orders?"), "orders?": RIGHT}, text)
    assert dead_end.outcomes[-1].cause == "choice not answered"
    assert alive.outcomes[-1].passed


def test_a_case_whose_sql_disagrees_with_its_value_does_not_count(tmp_path: Path, cache: Path) -> None:
    report = examine(tmp_path, cache, {"orders?": RIGHT}, CASES.replace("value: 1500", "value: 1499"))
    assert [left.case for left in report.invalid] == ["count"]
    assert "1500.0" in report.invalid[0].why
    assert [o.case for o in report.outcomes] == ["forecast"]
    assert (report.verdict, report.exit_code) == ("fail", 2)


def test_absent_data_is_skipped_and_said(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "cases.yml").write_text(
        "workspace: sms_spam\ncases:\n  - {id: a, question: q, expect: {kind: declined}, why: because of this}\n",
        encoding="utf-8",
    )
    report = run([tmp_path], ask=scripted({}), cache=cache, data=tmp_path / "nowhere")
    assert [left.case for left in report.skipped] == ["a"]
    assert "messages.csv" in report.skipped[0].why
    assert (report.verdict, report.exit_code) == ("no cases", 2)


def test_tags_choose_cases(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "cases.yml").write_text(CASES, encoding="utf-8")
    only = run([tmp_path], ask=scripted({}), cache=cache, tags=["hard"])
    rest = run([tmp_path], ask=scripted({}), cache=cache, without=["hard"])
    assert {o.case for o in only.outcomes} == {"forecast"}
    assert {o.case for o in rest.outcomes} == {"count"}


def test_summaries_say_what_failed_but_never_what_was_held_out(tmp_path: Path, cache: Path) -> None:
    shown = examine(tmp_path, cache, {"orders?": answered(figure(3), said="3 orders.")})
    hidden = examine(tmp_path, cache, {}, CASES.replace("tags: [small]", "tags: [heldout]"))
    assert "orders?" in to_markdown(shown)
    assert "expected 1500.0" in json.dumps(to_json(shown))
    assert to_json(shown)["suites"] == [{"name": "shop", "n": 4, "passed": 0, "failed": 4}]
    for text in (to_markdown(hidden), json.dumps(to_json(hidden))):
        assert "how many orders" not in text
