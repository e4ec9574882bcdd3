"""`transect ask`: the contract of its JSON, its exit codes, its batches, and what a person reads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from agent.state import Answer
from tests.cli.conftest import Done, Transect

ROOT = Path(__file__).parents[2]
LAST_WEEK = "created_at >= '2026-03-23' and created_at < '2026-03-30' and not is_test"


def by_hand(demo: Path, sql: str) -> dict[str, int]:
    with duckdb.connect(str(demo / "data" / "warehouse.duckdb"), read_only=True) as connection:
        return {str(label): int(count) for label, count in connection.execute(sql).fetchall()}


def ask_lines(demo: Path, stdin: bytes, *more: str) -> Done:
    command = [sys.executable, "-m", "transect", "-w", str(demo), "ask", "--jsonl", *more]
    done = subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, timeout=120, check=False)
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_one_number(demo: Path, transect: Transect) -> None:
    done = transect("-w", demo, "ask", "how many messages last week?", "--json")
    assert done.code == 0
    assert done.err == ""
    answer = Answer.model_validate(done.document)
    assert answer.kind == "answer"
    found = by_hand(demo, f"select 'all', count(*) from messages where {LAST_WEEK}")
    assert answer.figures[0].value == found["all"]
    assert answer.figures[0].basis == "full_count"
    assert (answer.figures[0].low, answer.figures[0].high) == (None, None)
    assert {"period", "slice", "as_of", "undefined", "one_sided", "version", "unit"} <= set(done.document["figures"][0])
    assert done.document["figures"][0]["period"] == {"from": "2026-03-23", "to": "2026-03-30"}


def test_a_breakdown_as_text(demo: Path, transect: Transect) -> None:
    done = transect("-w", demo, "ask", "how many messages last week by surface?")
    assert done.code == 0
    for surface, count in by_hand(demo, f"select surface, count(*) from messages where {LAST_WEEK} group by 1").items():
        assert any(line.startswith(surface) and line.endswith(f" {count:,}") for line in done.out.splitlines())
    for expected in ("Chart: ", "Definitions: messages_sent v1 (growth)", "SQL\n  select"):
        assert expected in done.out
    charts = [Path(line.split()[-1]) for line in done.out.splitlines() if line.endswith((".png", ".svg"))]
    assert len(charts) == 2
    assert all((demo / chart).is_file() for chart in charts)


def test_a_sample_shows_its_interval_and_n(demo: Path, transect: Transect) -> None:
    done = transect("-w", demo, "ask", "violating message prevalence by surface")
    assert done.code == 0
    header = next(line for line in done.out.splitlines() if line.startswith("surface "))
    assert header.split() == ["surface", "violating_message_prevalence", "interval", "n", "positives"]
    assert done.out.count("% to ") >= 4


def test_no_colour_where_nobody_looks(demo: Path, transect: Transect) -> None:
    done = transect("-w", demo, "ask", "how many messages?")
    assert "\x1b" not in done.out + done.err
    assert done.err == ""


@pytest.mark.parametrize("as_json", [False, True])
def test_a_declined_question(demo: Path, transect: Transect, as_json: bool) -> None:
    done = transect("-w", demo, "ask", "what is the weather in Paris?", *(["--json"] if as_json else []))
    assert done.code == 3
    if as_json:
        assert (done.document["kind"], done.document["reason"]) == ("declined", "off_topic")


def test_an_ambiguous_question_and_its_choices(demo: Path, transect: Transect) -> None:
    asked = transect("-w", demo, "ask", "handle seconds", "--json")
    assert asked.code == 4
    choices = asked.document["choices"]
    assert 2 <= len(choices) <= 4
    assert all(choice["label"] in transect("-w", demo, "ask", "handle seconds").out for choice in choices)
    for number, choice in enumerate(choices, start=1):
        chosen = transect("-w", demo, "ask", "handle seconds", "--choose", str(number), "--json")
        again = transect("-w", demo, "ask", choice["query"], "--json")
        assert (chosen.code, again.code) == (0, 0)
        assert chosen.document["figures"] == again.document["figures"]


def test_a_choice_that_is_not_there_is_said(demo: Path, transect: Transect) -> None:
    number = len(transect("-w", demo, "ask", "handle seconds", "--json").document["choices"])
    assert number < 4
    done = transect("-w", demo, "ask", "handle seconds", "--choose", "4", "--json")
    assert done.code == 4
    assert len(done.document["choices"]) == number
    assert done.err == f"There are {number} readings; --choose 4 names none of them.\n"


def test_a_role_sees_what_it_may(demo: Path, transect: Transect) -> None:
    assert transect("-w", demo, "ask", "how many messages?", "--role", "ops").code == 3
    assert transect("-w", demo, "ask", "how many messages?", "--role", "nosuch").code == 3
    assert transect("-w", demo, "ask", "golden set accuracy", "--role", "ops", "--person", "ada").code == 0


def test_the_thread_comes_back(demo: Path, transect: Transect) -> None:
    assert transect("-w", demo, "ask", "how many messages?", "--thread", "t-1", "--json").document["thread"] == "t-1"


def test_a_question_from_stdin(demo: Path) -> None:
    command = [sys.executable, "-m", "transect", "ask", "-w", str(demo), "--json", "-"]
    done = subprocess.run(
        command, cwd=ROOT, input=b"how many messages?\n", capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["kind"] == "answer"


def test_bytes_that_are_no_text_are_named(demo: Path) -> None:
    command = [sys.executable, "-m", "transect", "ask", "-w", str(demo), "--json", "-"]
    done = subprocess.run(command, cwd=ROOT, input=b"how many \xff\xfe?", capture_output=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "UTF-8" in json.loads(done.stdout)["error"]["message"]


def test_a_batch_answers_every_line_in_order(demo: Path) -> None:
    lines = [
        b'{"id": "a", "question": "how many messages last week?"}',
        b"not json",
        b'{"id": "b"}',
        b'{"question": "how many messages?"}',
        b'["id", "question"]',
        b"",
        b'{"id": 5, "question": "what is the weather?"}',
        b'{"id": 6, "question": "   "}',
        b'{"id": 7, "question": "\\ud800 messages"}',
        b'{"id": NaN, "question": "how many messages?"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"id": null, "question": "handle seconds", "more": 1}',
    ]
    done = ask_lines(demo, b"\n".join(lines) + b"\n")
    assert done.code == 0
    assert done.err == ""
    found = done.lines
    assert len(found) == len(lines)
    assert [line["id"] for line in found] == ["a", None, None, None, None, None, 5, 6, 7, None, None, None, None]
    assert found[0]["kind"] == "answer"
    assert found[0]["figures"][0]["value"] > 0
    assert [set(found[i]) for i in (1, 2, 3, 4, 5, 9, 10, 11)] == [{"id", "error"}] * 8
    assert (found[6]["kind"], found[6]["reason"]) == ("declined", "off_topic")
    assert [found[i]["error"]["code"] for i in (7, 8)] == ["invalid_input", "invalid_input"]
    assert found[12]["kind"] == "clarification"


def test_a_batch_without_lines(demo: Path) -> None:
    done = ask_lines(demo, b"")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_a_batch_takes_no_question(demo: Path, transect: Transect) -> None:
    done = transect("-w", demo, "ask", "--jsonl", "how many messages?")
    assert done.code == 2
    assert done.document["error"]["code"] == "usage"


def test_a_model_that_is_not_there_is_said(demo: Path, transect: Transect) -> None:
    assert transect("-w", demo, "ask", "how many messages?", "--model", "embedded").code == 0
    done = transect("-w", demo, "ask", "how many messages?", "--model", "gpt-9", "--json")
    assert done.code == 2
    assert done.document["error"]["code"] == "unknown_price"
    assert done.document["error"]["allowed"] == ["model.input_usd_per_million", "model.output_usd_per_million"]
