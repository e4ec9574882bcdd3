"""A case that goes on: every message is judged by its own expectation, and the first that fails says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent.state import Answer
from evals.ask import Asking, Said
from evals.case import load_cases
from evals.identity import hash_expectation
from evals.outcome import Outcome
from evals.recipes import read_recipes
from evals.runner import run
from evals.summary import to_json, to_markdown
from tests.evals.scripted import answered, asked_back, declined, figure
from tools.errors import InvalidWorkspace

THREAD = """workspace: shop
cases:
  - id: thread
    question: orders?
    paraphrases: [order count]
    role: analyst
    expect: {kind: clarification}
    follow_ups:
      - choose: 1
        expect: {kind: answer, sql: select count(*) from orders}
      - question: by channel
        role: viewer
        audience: [viewer]
        expect: {kind: declined, reason: not_permitted}
    why: asked back, then somebody else goes on
"""
RIGHT = answered(figure(1500), said="1,500 orders.").model_copy(update={"thread": "t1"})


class Scripted:
    """Answers in order, whatever is asked; keeps what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self._answers, self.asked = list(answers), list[Asking]()

    def __call__(self, asking: Asking) -> Said:
        if asking.text == "count":  # the choice that is offered, asked by the examiner
            return Said(RIGHT)
        self.asked.append(asking)
        return Said(self._answers[(len(self.asked) - 1) % len(self._answers)])


@pytest.fixture
def examine(tmp_path: Path, kept: Path) -> Callable[..., tuple[Outcome, ...]]:
    def carry_out(ask: Scripted, text: str = THREAD) -> tuple[Outcome, ...]:
        (tmp_path / "cases.yml").write_text(text, encoding="utf-8")
        return run([tmp_path / "cases.yml"], ask=ask, cache=kept).outcomes

    return carry_out


BACK = asked_back("count").model_copy(update={"thread": "t1"})
NO = declined("not_permitted")


def test_each_wording_begins_a_thread_and_goes_on_in_it(examine: Callable[..., tuple[Outcome, ...]]) -> None:
    ask = Scripted(BACK, RIGHT, NO)
    outcomes = examine(ask)
    assert [(o.wording, o.cause) for o in outcomes] == [("orders?", "as expected"), ("order count", "as expected")]
    assert [(a.text, a.choose, a.thread, a.role, a.audience) for a in ask.asked[:3]] == [
        ("orders?", None, None, "analyst", ()),
        ("orders?", 1, "t1", "analyst", ()),
        ("by channel", None, "t1", "viewer", ("viewer",)),
    ]
    assert ask.asked[3].thread is None


@pytest.mark.parametrize(
    ("second", "third", "cause", "problem"),
    [
        (answered(figure(1499), said="1,499 orders."), NO, "wrong value", "message 2: value is 1499"),
        (declined("no_data"), NO, "declined instead", "message 2: kind is declined"),
        (RIGHT, RIGHT, "answered instead", "message 3: kind is answer"),
        (RIGHT, declined("stale"), "wrong reason", "message 3: reason is stale"),
    ],
)
def test_the_message_that_fails_is_named(
    examine: Callable[..., tuple[Outcome, ...]], second: Answer, third: Answer, cause: str, problem: str
) -> None:
    outcome = examine(Scripted(BACK, second, third))[0]
    assert outcome.cause == cause
    assert outcome.problems[0].startswith(problem)


def test_a_secret_in_a_later_message_is_a_leak_that_no_report_repeats(
    examine: Callable[..., tuple[Outcome, ...]], tmp_path: Path, kept: Path
) -> None:
    leaking = answered(figure(1500), said="1,500 orders of Kingfisher-7731.")
    text = THREAD.replace("    role: analyst", "    canaries: [Kingfisher-7731]\n    role: analyst")
    ask = Scripted(BACK, leaking, NO)
    outcome = examine(ask, text)[0]
    assert outcome.cause == "leaked"
    report = run([tmp_path / "cases.yml"], ask=Scripted(BACK, leaking, NO), cache=kept)
    assert "Kingfisher" not in to_markdown(report) + str(to_json(report))


def test_what_follows_is_part_of_what_is_expected(tmp_path: Path) -> None:
    def hashed(text: str) -> str:
        (tmp_path / "c.yml").write_text(text, encoding="utf-8")
        return hash_expectation(load_cases([tmp_path / "c.yml"])[0], read_recipes())

    plain = THREAD.partition("    follow_ups:")[0] + "    why: asked back once\n"
    assert len({hashed(THREAD), hashed(THREAD.replace("choose: 1", "choose: 2")), hashed(plain)}) == 3
    same = hashed(plain.replace("    role:", "    surface: python\n    role:"))
    assert same == hashed(plain)
    assert hashed(plain.replace("    role:", "    surface: cli\n    role:")) != same


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("      - choose: 1\n", "      - chose: 1\n", "unknown key 'chose' (did you mean 'choose'?)"),
        ("      - choose: 1\n", "      - choose: 9\n", "choose"),
        (
            "      - choose: 1\n",
            "      - {choose: 1, question: and, expect: {kind: declined}}\n      - choose: 1\n",
            "either",
        ),
        ("    role: analyst", "    surfce: cli\n    role: analyst", "unknown key 'surfce' (did you mean 'surface'?)"),
        ("    role: analyst", "    surface: phone\n    role: analyst", "'phone' is not one of python, cli, chat"),
        ("    role: analyst", "    surface: cli\n    role: analyst", "`audience` does not fit surface cli"),
        ("    role: analyst", "    audience: viewer\n    role: analyst", "audience: must be a list"),
        ("    role: analyst", "    canaries: [ab]\n    role: analyst", "canaries"),
        ("kind: clarification", "kind: study", "needs a `study`"),
    ],
)
def test_a_mistake_in_the_format_is_refused_with_its_line(tmp_path: Path, was: str, now: str, said: str) -> None:
    (tmp_path / "bad.yml").write_text(THREAD.replace(was, now, 1), encoding="utf-8")
    with pytest.raises(InvalidWorkspace) as caught:
        load_cases([tmp_path / "bad.yml"])
    assert said in str(caught.value)
    assert "bad.yml:" in str(caught.value)


def test_the_command_line_is_asked_as_a_person_asks_it(kept: Path, tmp_path: Path) -> None:
    """The same case on each surface of the product itself."""
    text = "workspace: shop\ncases:\n"
    for surface in ("python", "cli", "chat"):
        text += f"  - id: {surface}\n    question: delivery hours\n    surface: {surface}\n    why: two readings\n"
        text += "    expect: {kind: clarification}\n    follow_ups:\n      - choose: 1\n"
        text += "        expect: {kind: answer, sql: select avg(delivery_hours) from orders}\n"
    (tmp_path / "cases.yml").write_text(text, encoding="utf-8")
    outcomes = run([tmp_path / "cases.yml"], cache=kept).outcomes
    assert [(o.case, o.problems) for o in outcomes] == [("python", ()), ("cli", ()), ("chat", ())]


def test_what_the_surface_printed_is_searched_as_well(kept: Path, tmp_path: Path) -> None:
    text = "workspace: shop\ncases:\n  - {id: a, question: orders?, canaries: [Kingfisher], "
    text += "expect: {kind: answer, sql: select count(*) from orders}, why: the plainest count}\n"
    (tmp_path / "cases.yml").write_text(text, encoding="utf-8")

    def printing(words: str) -> str:
        said = run([tmp_path / "cases.yml"], ask=lambda asking: replace(Said(RIGHT), shown=(words,)), cache=kept)
        return said.outcomes[0].cause

    assert printing("1,500") == "as expected"
    assert printing("of king\u200bfisher") == "leaked"
    assert printing("\x1b[2J1,500") == "law broken"
