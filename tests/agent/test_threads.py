"""Conversations: what is kept, who may read it, what waits, and what happens when the file is gone."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from agent import answer
from agent.state import Answer, Choice, Question
from agent.threads import open_threads
from agent.threads.list_threads import list_threads, show_thread
from agent.threads.read_reply import read_choice
from tests.agent.scripted_turn import LOST, ask, say, use, with_endpoint
from tools.access import Asker
from tools.errors import InvalidInput
from tools.workspace import Workspace, default_asker, load_workspace

CLERK = Asker("bo", ("clerk",))


@pytest.fixture
def desk(shop_folder: Path) -> Workspace:
    return load_workspace(shop_folder)


def told(desk: Workspace, text: str, thread: str | None = "t", asker: Asker | None = None) -> Answer:
    return answer(Question(text=text), workspace=desk, asker=asker or default_asker(desk), thread=thread)


def path_of(desk: Workspace) -> Path:
    return desk.state_dir / "threads.db"


def kept_bytes(desk: Workspace) -> bytes:
    return b"".join(path.read_bytes() for path in desk.state_dir.glob("threads.db*"))


def test_a_conversation_goes_on_under_the_id_that_an_answer_gives(desk: Workspace) -> None:
    first = told(desk, "tickets in March by channel", thread=None)
    assert first.thread is not None
    second = told(desk, "and by country?", thread=first.thread)
    assert second.thread == first.thread
    assert second.assumptions[0] == "Read as: tickets_opened by country from 2026-03-01 to 2026-03-31."
    assert {f.slice["country"] for f in second.figures} == {"NO", "US", "DE", None}
    third = told(desk, "only urgent", thread=first.thread)
    assert third.assumptions[0] == (
        "Read as: tickets_opened by country where is_urgent = 1 from 2026-03-01 to 2026-03-31."
    )


def test_without_a_conversation_a_fragment_is_asked_about(desk: Workspace) -> None:
    assert told(desk, "and by country?", thread="new").kind == "clarification"
    told(desk, "tickets in March", thread="one")
    assert told(desk, "and by country?", thread="other").kind == "clarification"


def test_a_decline_in_between_does_not_break_a_conversation_but_another_answer_does(desk: Workspace) -> None:
    told(desk, "tickets in March")
    assert told(desk, "and by flavour?").kind == "declined"
    assert told(desk, "by channel").assumptions[0].startswith("Read as: tickets_opened by channel from 2026-03-01")
    told(desk, "what does urgency rate mean?")
    assert told(desk, "by country").kind == "clarification"


def test_a_question_back_waits_for_its_number(desk: Workspace) -> None:
    asked = told(desk, "handle minutes in March")
    assert asked.kind == "clarification"
    chosen = told(desk, "2")
    again = told(desk, asked.choices[1].query, thread=None)
    assert chosen.kind == "answer"
    assert chosen.figures == again.figures
    assert told(desk, "by channel").figures[0].metric == chosen.figures[0].metric


def test_another_question_takes_the_place_of_the_one_that_waits(desk: Workspace) -> None:
    told(desk, "handle minutes")
    assert told(desk, "how many tickets").figures[0].value == 240
    assert told(desk, "2").reason == "off_topic"


def test_a_number_out_of_range_is_no_choice_and_the_question_still_waits(desk: Workspace) -> None:
    asked = told(desk, "handle minutes")
    assert len(asked.choices) < 9
    assert told(desk, "9").kind != "answer"


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("2", 2),
        (" 2. ", 2),
        ("#3", 3),
        ("option 1", 1),
        ("the second one", 2),
        ("Third", 3),
        ("no. 2", 2),
        ("5", None),
        ("0", None),
        ("22", None),
        ("second week", None),
        ("2 tickets", None),
        ("\u0662", None),
        ("", None),
    ],
)
def test_how_a_choice_may_be_written(text: str, choice: int | None) -> None:
    assert read_choice(text, 4) == choice


def test_somebody_who_may_see_less_gets_nothing_of_what_was_shown(desk: Workspace) -> None:
    told(desk, "tickets in March where channel is chat")
    told(desk, "urgency rate in March", thread="open")
    assert [t.id for t in list_threads(desk, asker=CLERK)] == ["open"]
    mine = told(desk, "and by country?", asker=CLERK)
    assert mine.kind == "clarification"
    assert "chat" not in mine.model_dump_json()
    assert told(desk, "and by country?", thread="open", asker=CLERK).kind == "answer"
    shown = show_thread(desk, "open", asker=default_asker(desk))
    assert [turn is not None for turn in shown] == [True, True]
    shown = show_thread(desk, "t", asker=CLERK)
    assert [turn is not None for turn in shown] == [False, True]  # their own question back, and not what was before
    with pytest.raises(InvalidInput) as raised:
        show_thread(desk, "t", asker=replace(CLERK, audience_roles=("clerk",)))
    assert raised.value.allowed == ["open"]


def test_a_waiting_choice_is_not_for_everybody(desk: Workspace) -> None:
    asked = told(desk, "share of chat or phone tickets in Norway by team by flavour", thread="w")
    assert asked.kind != "answer"
    told(desk, "handle minutes by channel")
    assert told(desk, "1", asker=CLERK).kind != "answer"


def test_numbers_are_not_replayed_to_readers_with_larger_cells(shop_folder: Path) -> None:
    settings = shop_folder / "transect.toml"
    settings.write_text(settings.read_text() + '[access.roles.reader]\ntables = ["tickets", "agents"]\nmin_cell = 30\n')
    desk = load_workspace(shop_folder)
    told(desk, "tickets in March by channel")
    reader = Asker("kim", ("reader",))
    assert list_threads(desk, asker=reader) == []
    assert list_threads(desk, asker=replace(default_asker(desk), audience_roles=("reader",))) == []
    told(desk, "tickets in March", asker=reader, thread="r")
    assert [t.id for t in list_threads(desk, asker=default_asker(desk))] == ["r", "t"]


def test_when_access_changes_what_rests_on_nothing_known_is_hidden(shop_folder: Path) -> None:
    desk = load_workspace(shop_folder)
    told(desk, "handle minutes")
    assert len(list_threads(desk, asker=default_asker(desk))) == 1
    settings = shop_folder / "transect.toml"
    settings.write_text(settings.read_text().replace('tables = ["tickets", "agents"]', 'tables = ["tickets"]'))
    assert list_threads(load_workspace(shop_folder), asker=default_asker(desk)) == []


def test_what_is_kept_is_words_and_no_rows(desk: Workspace) -> None:
    answered = told(desk, "tickets by channel per day in March")
    assert len(answered.figures) > 90
    assert answered.table is not None
    kept = kept_bytes(desk)
    assert b"tickets by channel per day in March" in kept
    assert answered.headline.encode() in kept
    assert len(kept) < 80_000
    assert b"2026-03-17" not in kept
    assert kept.count(b"f97") <= 2  # the ids of figures, not their cells


def test_what_sql_text_found_is_not_kept_and_a_broken_turn_leaves_nothing(desk: Workspace) -> None:
    modelled = with_endpoint(desk)
    statement = "select opened_by, sum(ticket_id) from tickets group by 1"
    done = ask(modelled, LOST, [use("run_sql", sql=statement), say("It is {f1.value}.")], thread="s").answer
    assert done.kind == "answer"
    second = done.figures[1].value
    assert str(second).encode() not in kept_bytes(desk)
    assert b"sum(ticket_id)" not in kept_bytes(desk)

    def broken(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(modelled, LOST, [use("query_metrics", metrics=["tickets_opened"]), broken], thread="b")  # type: ignore[list-item]
    with sqlite3.connect(path_of(desk)) as connection:
        assert connection.execute("select count(*) from writes where thread_id = 'b'").fetchone() == (0,)
    assert told(desk, "tickets in March", thread="b").kind == "answer"
    assert told(desk, "by channel", thread="b").assumptions[0].startswith("Read as:")


def test_a_long_conversation_stays_small(desk: Workspace) -> None:
    for _ in range(30):
        told(desk, "tickets in March")
    with sqlite3.connect(path_of(desk)) as connection:
        assert connection.execute("select count(*) from checkpoints").fetchone()[0] <= 8


def test_a_message_that_is_delivered_again_gets_the_same_answer_in_the_same_place(desk: Workspace) -> None:
    def deliver(text: str, id: str) -> Answer:
        return answer(Question(text=text, id=id), workspace=desk, asker=default_asker(desk), thread="slack")

    deliver("tickets last week", "m1")
    first = deliver("and the week before?", "m2")
    again = deliver("and the week before?", "m2")
    assert first.figures == again.figures
    asked = deliver("handle minutes", "m3")
    chosen = deliver("1", "m4")
    assert deliver("1", "m4").figures == chosen.figures
    assert asked.kind == "clarification"
    turns = show_thread(desk, "slack", asker=default_asker(desk))
    assert [turn.id for turn in turns if turn is not None] == ["m1", "m2", "m3", "m4"]


def test_a_deleted_file_is_a_forgotten_conversation_and_no_fault(desk: Workspace) -> None:
    told(desk, "tickets in March")
    path_of(desk).unlink()
    assert told(desk, "and by country?").kind == "clarification"
    assert told(desk, "tickets in March").kind == "answer"
    assert told(desk, "and by country?").kind == "answer"


@pytest.mark.parametrize("content", [b"", b"not a database at all, but text that is long enough to be read" * 40])
def test_a_damaged_file_is_said_and_does_not_stop_an_answer(content: bytes, desk: Workspace) -> None:
    desk.state_dir.mkdir(exist_ok=True)
    path_of(desk).write_bytes(content)
    one = told(desk, "how many tickets", thread=None)
    assert one.figures[0].value == 240
    other = told(desk, "how many tickets", thread="t")
    assert other.figures[0].value == 240
    if content:
        assert one.thread is None
        assert one.caveats == ()
        assert "not known" in other.caveats[-1]


def test_a_folder_that_cannot_be_written_answers_all_the_same(desk: Workspace) -> None:
    desk.state_dir.write_text("a file where the folder should be")
    found = told(desk, "how many tickets", thread=None)
    assert (found.figures[0].value, found.thread) == (240, None)
    assert told(desk, "how many tickets", thread="t").thread == "t"


def test_types_that_a_file_names_are_not_imported(
    desk: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    (tmp_path / "planted_mod.py").write_text(f"open({str(tmp_path / 'was-here')!r}, 'w')\nclass Choice: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    told(desk, "tickets in March")
    kind, content = JsonPlusSerializer().dumps_typed(Choice(label="a", query="b"))
    evil = content.replace(b"agent.state", b"planted_mod")
    assert kind == "msgpack"
    assert evil != content
    kept = open_threads(desk)
    assert kept is not None
    with kept.saver.cursor() as cursor:
        cursor.execute("update checkpoints set checkpoint = ? where thread_id = 't'", (evil,))
    assert told(desk, "how many tickets").figures[0].value == 240
    assert not (tmp_path / "was-here").exists()


def test_two_threads_of_one_process_talk_at_once(desk: Workspace) -> None:
    from concurrent.futures import ThreadPoolExecutor

    told(desk, "how many tickets")

    def converse(name: str) -> list[str]:
        told(desk, "tickets in March", thread=name)
        return [told(desk, fragment, thread=name).headline for fragment in ("by channel", "only urgent", "in February")]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(converse, [f"p{i}" for i in range(8)]))
    assert all(each == found[0] for each in found)
