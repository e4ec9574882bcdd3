"""A person's queue: answers recorded one by one, resumed, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from tests.labeling.place import HEADER, SPAM, build_place, edit_policy
from tools.errors import Declined, InvalidInput
from tools.labeling import (
    Answer,
    LabelStatus,
    Progress,
    QueueReport,
    current_entries,
    find_policy,
    read_entries,
    run_queue,
    summarise_labels,
)
from tools.state import open_state
from tools.workspace import Workspace

ITEMS = ["i0", "i1", "i2"]
HAM, SPAMMY = Answer("label", "ham"), Answer("label", "spam")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return build_place(tmp_path)


def sit(workspace: Workspace, *answers: Answer, labeller: str = "ann") -> tuple[QueueReport, list[str | None]]:
    """One sitting with these answers, then away; the report and the items shown."""
    shown: list[str | None] = []
    given: Iterator[Answer] = iter(answers)

    def ask(item: str | None, progress: Progress) -> Answer:
        shown.append(item)
        assert progress.total == 3
        return next(given, Answer("quit"))

    report = run_queue(
        ITEMS, policy=find_policy(workspace, "spam"), labeller=labeller, state=open_state(workspace), ask=ask
    )
    return report, shown


def stands(workspace: Workspace) -> list[tuple[str, str, str | None]]:
    return [(e.item, e.outcome, e.label) for e in current_entries(read_entries(open_state(workspace)))]


def test_a_sitting_goes_on_where_the_last_one_ended(workspace: Workspace) -> None:
    report, shown = sit(workspace, HAM)
    assert (report, shown) == (QueueReport(1, 0, 0, 0, 2), ["i0", "i1"])
    report, shown = sit(workspace, SPAMMY, Answer("abstain", reason="too short"))
    assert (report, shown) == (QueueReport(1, 1, 0, 0, 0), ["i1", "i2", None])
    assert stands(workspace) == [("i0", "label", "ham"), ("i1", "label", "spam"), ("i2", "abstain", None)]
    last = read_entries(open_state(workspace))[-1]
    assert (last.reason, last.kind, last.labeller, last.run) == ("too short", "person", "ann", "queue:ann")
    assert sit(workspace)[1] == [None]


def test_each_person_has_a_queue_of_their_own(workspace: Workspace) -> None:
    sit(workspace, HAM, HAM, HAM)
    assert sit(workspace, labeller="bob")[1] == ["i0"]


def test_skipped_items_come_again_next_time(workspace: Workspace) -> None:
    report, shown = sit(workspace, Answer("skip"), HAM, HAM)
    assert (report, shown) == (QueueReport(2, 0, 1, 0, 1), ["i0", "i1", "i2", None])
    assert sit(workspace, HAM)[1] == ["i0", None]


def test_undo_takes_back_the_last_answer_and_the_one_before(workspace: Workspace) -> None:
    undo = Answer("undo")
    report, shown = sit(workspace, HAM, SPAMMY, undo, undo, SPAMMY)
    assert shown == ["i0", "i1", "i2", "i1", "i0", "i1"]
    assert report == QueueReport(3, 0, 0, 2, 2)
    assert stands(workspace) == [("i0", "label", "spam")]
    entries = read_entries(open_state(workspace))
    assert [e.outcome for e in entries] == ["label", "label", "undo", "undo", "label"]
    assert [e.undoes for e in entries] == [None, None, entries[1].key, entries[0].key, None]


def test_undo_when_no_item_is_left_and_in_a_later_sitting(workspace: Workspace) -> None:
    _, shown = sit(workspace, HAM, HAM, HAM, Answer("undo"), SPAMMY)
    assert shown == ["i0", "i1", "i2", None, "i2", None]
    _, shown = sit(workspace, Answer("undo"))
    assert shown == [None, "i2"]
    assert stands(workspace) == [("i0", "label", "ham"), ("i1", "label", "ham")]


def test_undo_of_nothing(workspace: Workspace) -> None:
    report, shown = sit(workspace, Answer("undo"))
    assert (report.undone, shown) == (0, ["i0", "i0"])
    sit(workspace, HAM)
    assert sit(workspace, Answer("undo"), labeller="bob")[0].undone == 0  # not somebody else's


def test_the_same_answer_after_an_undo_is_an_answer(workspace: Workspace) -> None:
    sit(workspace, HAM, Answer("undo"), HAM)
    assert stands(workspace) == [("i0", "label", "ham")]


def test_a_sealed_policy_shows_no_item(tmp_path: Path) -> None:
    workspace = build_place(tmp_path, policy=SPAM.replace(HEADER, HEADER.replace("owner", "sealed: true\nowner")))
    with pytest.raises(Declined, match="sealed") as caught:
        sit(workspace)
    assert caught.value.rule == "sealed_policy"


def test_a_policy_edited_in_the_middle_takes_no_answer(workspace: Workspace) -> None:
    sit(workspace, HAM)
    edit_policy(workspace, "Unasked for.", "Anything.")
    with pytest.raises(InvalidInput, match="edited without a new version"):
        sit(workspace, HAM)
    edit_policy(workspace, "version: 1", "version: 2")
    assert sit(workspace, HAM)[1] == ["i0", "i1"]  # a new version starts anew
    assert [(s.version, s.state, s.items) for s in status(workspace)] == [(1, "older", 1), (2, "current", 1)]


def status(workspace: Workspace) -> list[LabelStatus]:
    policies = {"spam": find_policy(workspace, "spam")}
    return list(summarise_labels(read_entries(open_state(workspace)), policies))


def test_the_status_counts_what_stands(workspace: Workspace) -> None:
    sit(workspace, HAM, SPAMMY, Answer("undo"), Answer("skip"), Answer("abstain"))
    sit(workspace, HAM, labeller="bob")
    policies = {"spam": find_policy(workspace, "spam")}
    (found,) = summarise_labels(read_entries(open_state(workspace)), policies)
    assert (found.state, found.items, found.twice, found.labellers) == ("current", 1, 1, 2)
    assert (found.labels, found.kinds) == ({"spam": 0, "ham": 2}, {"person": 2})
    assert (found.abstained, found.skipped, found.undone) == (1, 1, 1)


@pytest.mark.parametrize("statement", ["update labels set label = 'spam'", "delete from labels"])
def test_the_ledger_is_append_only(workspace: Workspace, statement: str) -> None:
    sit(workspace, HAM)
    with pytest.raises(DatabaseError, match="append-only"), open_state(workspace).engine.begin() as connection:
        connection.execute(text(statement))
