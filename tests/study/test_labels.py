"""Labels of drawn items: in whole or not at all, one rule from labels to a verdict, progress by stratum."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.study.place import CANARY, asker_of, drawn_study, import_labels_of, truth_of
from tools.errors import InvalidInput
from tools.labeling import Answer, Progress, read_entries
from tools.state import open_state
from tools.study import ToLabel, import_study_labels, label_progress, queue_study
from tools.study.settle_labels import PEOPLE, StandingLabel, settle_labels
from tools.study.spec import Estimand
from tools.workspace import Workspace

ID = "spam-q1"
ESTIMAND = Estimand(words="w", policy="spam", positive=("spam", "scam"), unresolved=("unsure",))


@pytest.mark.parametrize(
    ("labels", "verdict"),
    [
        (["spam"], "positive"),
        (["ham"], "negative"),
        (["spam", "ham"], "unresolved"),
        (["spam", "ham", "spam"], "positive"),
        (["spam", "scam", "ham"], "positive"),
        (["spam", "ham", "other"], "negative"),
        (["unsure"], "unresolved"),
        (["unsure", "unsure", "spam"], "positive"),
        ([None], "unresolved"),
        ([None, "ham"], "negative"),
        (["spam", "unsure", "ham"], "unresolved"),
    ],
)
def test_more_than_half_of_the_votes_decide(labels: list[str | None], verdict: str) -> None:
    given = [StandingLabel("i1", label, f"p{n}", "import") for n, label in enumerate(labels)]
    assert settle_labels(given, estimand=ESTIMAND, kinds=PEOPLE) == {"i1": verdict}


def test_a_machine_has_no_vote_among_people() -> None:
    given = [StandingLabel("i1", "spam", "model", "model"), StandingLabel("i2", "spam", "embedded", "embedded")]
    assert settle_labels(given, estimand=ESTIMAND, kinds=PEOPLE) == {}


def test_an_import_counts_and_progress_is_by_stratum(place: Workspace) -> None:
    items = drawn_study(place)
    import_labels_of(place, items[:100])
    found = label_progress(place, ID)
    assert (found.people[0].drawn, found.people[0].settled, found.people[0].unlabelled) == (150, 100, 50)
    assert [each.stratum for each in found.people[1:]] == ["high", "low", "mid"]
    assert sum(each.settled for each in found.people[1:]) == 100


def test_unknown_items_and_labels_are_refused_with_their_lines(place: Workspace) -> None:
    items = drawn_study(place)
    undrawn = next(f"i{i}" for i in range(1200) if f"i{i}" not in items)
    path = place.root / "bad.csv"
    path.write_text(f"item,label,labeller\n{items[0]},spam,maria\n{undrawn},ham,maria\n{items[1]},spma,maria\n")
    with pytest.raises(InvalidInput) as caught:
        import_study_labels(place, ID, path, asker=asker_of(place))
    assert f"bad.csv:3: there is no item '{undrawn}'" in caught.value.message
    assert "bad.csv:4: 'spma' is no label of spam version 1 (did you mean 'spam'?)" in caught.value.message
    assert read_entries(open_state(place)) == []


def test_a_file_of_more_than_the_sample_can_be_cut_to_it(place: Workspace) -> None:
    items = drawn_study(place)
    path = place.root / "all.csv"
    path.write_text("item,label,labeller\n" + "".join(f"i{i},ham,maria\n" for i in range(1200)))
    with pytest.raises(InvalidInput):
        import_study_labels(place, ID, path, asker=asker_of(place))
    report = import_study_labels(place, ID, path, asker=asker_of(place), drawn_only=True)
    assert (report.added, report.not_drawn) == (150, 1050)
    assert {entry.item for entry in read_entries(open_state(place))} == set(items)


def test_columns_of_another_name_and_one_labeller(place: Workspace) -> None:
    items = drawn_study(place)
    path = place.root / "theirs.csv"
    path.write_text("id,verdict\n" + "".join(f"{item},{truth_of(item)}\n" for item in items[:5]))
    report = import_study_labels(place, ID, path, asker=asker_of(place), item="id", label="verdict", by="vendor")
    assert (report.added, report.labellers) == (5, 1)


def test_importing_twice_adds_nothing(place: Workspace) -> None:
    items = drawn_study(place)
    import_labels_of(place, items[:10])
    import_labels_of(place, items[:10])
    assert len(read_entries(open_state(place))) == 10


def test_label_studio_comes_in(place: Workspace) -> None:
    items = drawn_study(place)
    tasks = [
        {
            "data": {"item": item},
            "annotations": [
                {"completed_by": 1, "result": [{"type": "choices", "value": {"choices": [truth_of(item)]}}]}
            ],
        }
        for item in items[:4]
    ]
    path = place.root / "export.json"
    path.write_text(json.dumps(tasks))
    assert import_study_labels(place, ID, path, asker=asker_of(place)).added == 4


def scripted(answers: list[Answer], seen: list[str]) -> Callable[[ToLabel], Callable[[str | None, Progress], Answer]]:
    script = iter(answers)

    def ask(item: str | None, progress: Progress) -> Answer:
        if item is not None:
            seen.append(item)
        return next(script, Answer("quit"))

    return lambda found: ask


def test_the_queue_asks_in_the_order_drawn_and_goes_on_where_it_stopped(place: Workspace) -> None:
    items = drawn_study(place)
    seen: list[str] = []
    asker = asker_of(place)
    first = queue_study(
        place, ID, asker=asker, ask=scripted([Answer("label", "spam"), Answer("abstain"), Answer("quit")], seen)
    )
    assert (first.labelled, first.abstained, first.left) == (1, 1, 148)
    queue_study(place, ID, asker=asker, ask=scripted([Answer("label", "ham")], seen))
    assert seen == [*items[:3], items[2], items[3]]
    found = label_progress(place, ID)
    assert (found.people[0].settled, found.people[0].unresolved) == (2, 1)


def test_labels_of_items_that_were_not_drawn_do_not_count(place: Workspace) -> None:
    """The ledger is one; a study reads what stands for its own items."""
    items = drawn_study(place)
    more = drawn_study(place, "spam-q2")
    only_second = [item for item in more if item not in items]
    both = [item for item in more if item in items]
    import_labels_of(place, more, id="spam-q2")
    assert label_progress(place, ID).people[0].settled == len(both)
    assert only_second


def test_no_text_of_an_item_is_in_any_file(place: Workspace) -> None:
    items = drawn_study(place)
    import_labels_of(place, items)
    for path in Path(place.root / "studies").rglob("*"):
        if path.is_file():
            assert CANARY not in path.read_text(encoding="utf-8"), path.name
