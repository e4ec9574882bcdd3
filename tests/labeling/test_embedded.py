"""The embedded labeller: learns from people, is scored by what it did not see, and says when that is too little."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest

from tests.labeling.place import CANARY, build_place
from tools.access import Asker
from tools.errors import Declined, InvalidInput
from tools.labeling import (
    EmbeddedLabeller,
    Entry,
    Policy,
    RunReport,
    append_entries,
    find_policy,
    read_entries,
    run_labels,
)
from tools.labeling.fit_embedded import fit_embedded, fold_of
from tools.state import open_state, verify_audit
from tools.workspace import Workspace

ANN = Asker("ann", ("analyst",))
FREE_WORDS = ("prize", "winner", "claim", "cash", "urgent", "offer")
PLAIN_WORDS = ("lunch", "meeting", "train", "mother", "weather", "book")
N = 300


def truth(i: int) -> str:
    """Every third item is spam."""
    return "spam" if i % 3 == 0 else "ham"


def write_texts(root: Path) -> None:
    """Items i0.. whose words give them away nine times in ten."""
    draw = random.Random(7)
    rows = []
    for i in range(N):
        telling = (truth(i) == "spam") == (draw.random() < 0.9)
        words = draw.choices(FREE_WORDS if telling else PLAIN_WORDS, k=4)
        rows.append((f"i{i}", f"{CANARY} {' '.join(words)} {draw.randrange(99)}"))
    with duckdb.connect(str(root / "content.duckdb")) as connection:
        connection.execute("delete from items")
        connection.executemany("insert into items values (?, ?)", rows)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = build_place(tmp_path)
    write_texts(tmp_path)
    return workspace


def people_say(workspace: Workspace, labels: Mapping[int, str], *, labeller: str = "bob") -> Policy:
    policy = find_policy(workspace, "spam")
    entries = [
        Entry(policy.id, policy.version, policy.hash, f"i{i}", labeller, "import", "label", "import:x", label)
        for i, label in labels.items()
    ]
    with open_state(workspace).transaction() as connection:
        append_entries(connection, entries)
    return policy


def label(
    workspace: Workspace,
    labeller: EmbeddedLabeller = EmbeddedLabeller(),  # noqa: B008
    *,
    run: str = "r1",
    items: range = range(N),
) -> RunReport:
    return run_labels(
        [f"i{i}" for i in items],
        policy=find_policy(workspace, "spam"),
        workspace=workspace,
        state=open_state(workspace),
        labeller=labeller,
        run=run,
        asker=ANN,
    )


def scores(workspace: Workspace, run: str = "r1") -> dict[str, float]:
    """How probable it holds spam to be, by item."""
    return {e.item: e.scores["spam"] for e in read_entries(open_state(workspace), run=run) if e.scores is not None}


def test_it_learns_what_people_said(workspace: Workspace) -> None:
    people_say(workspace, {i: truth(i) for i in range(120)})
    report = label(workspace)
    assert (report.items, report.left, report.labelled + report.abstained) == (N, 0, N)
    assert (report.cost_usd, report.calls, report.kind) == (0.0, 0, "embedded")
    entries = [e for e in read_entries(open_state(workspace), run="r1") if int(e.item[1:]) >= 120]
    right = sum(e.label == truth(int(e.item[1:])) for e in entries if e.outcome == "label")
    given = sum(e.outcome == "label" for e in entries)
    assert right / given > 0.8  # always ham would be right for two in three; the words allow nine in ten
    assert {e.kind for e in entries} == {"embedded"}
    for entry in entries:
        assert entry.scores is not None
        assert sum(entry.scores.values()) == pytest.approx(1.0, abs=1e-5)
        best = max(entry.scores, key=lambda name: entry.scores[name])  # type: ignore[index]
        assert entry.label == (best if entry.scores[best] >= 0.6 else None)


def test_it_abstains_where_it_is_not_sure(workspace: Workspace) -> None:
    people_say(workspace, {i: truth(i) for i in range(60)})
    sure = label(workspace, EmbeddedLabeller(confidence=0.0))
    picky = label(workspace, EmbeddedLabeller(confidence=0.97), run="r2")
    assert sure.abstained == 0
    assert picky.abstained > picky.labelled
    assert sum(1 for value in scores(workspace, "r2").values() if max(value, 1 - value) >= 0.97) == picky.labelled


def test_an_item_s_score_does_not_hang_on_labels_of_its_fold(tmp_path: Path) -> None:
    texts = [f"{' '.join(random.Random(i).choices(FREE_WORDS + PLAIN_WORDS, k=5))}" for i in range(90)]
    items = [f"i{i}" for i in range(90)]
    labels = [truth(i) for i in range(90)]
    before = fit_embedded(items, texts, labels, folds=5, seed=1).score(items, texts)
    fold = fold_of("i0", folds=5, seed=1)
    in_fold = [fold_of(item, folds=5, seed=1) == fold for item in items]
    flipped = [
        ("ham" if label == "spam" else "spam") if same else label for label, same in zip(labels, in_fold, strict=True)
    ]
    after = fit_embedded(items, texts, flipped, folds=5, seed=1).score(items, texts)
    same = [a == b for a, b in zip(before, after, strict=True)]
    assert [s for s, inside in zip(same, in_fold, strict=True) if inside] == [True] * sum(in_fold)
    assert not any(s for s, inside in zip(same, in_fold, strict=True) if not inside)


def test_the_same_labels_give_the_same_labeller_and_scores(workspace: Workspace) -> None:
    people_say(workspace, {i: truth(i) for i in range(60)})
    first = label(workspace)
    second = label(workspace, run="r2")
    assert first.labeller == second.labeller
    assert scores(workspace, "r1") == scores(workspace, "r2")
    assert label(workspace, EmbeddedLabeller(seed=2), run="r3").labeller != first.labeller


def test_a_run_goes_on_with_what_it_learnt_when_it_began(workspace: Workspace) -> None:
    people_say(workspace, {i: truth(i) for i in range(60)})
    first = label(workspace, items=range(100))
    people_say(workspace, {i: truth(i) for i in range(60, 120)})
    whole = label(workspace)
    assert (whole.labeller, whole.added, whole.left) == (first.labeller, N - 100, 0)
    assert any("goes on with what it learnt then" in note for note in whole.notes)
    anew = label(workspace, run="r2")
    assert anew.labeller != first.labeller
    with pytest.raises(InvalidInput) as raised:
        label(workspace, EmbeddedLabeller(confidence=0.7))
    assert raised.value.code == "run_changed"


@pytest.mark.parametrize(("spam", "ham", "missing"), [(0, 0, "10"), (3, 40, "7"), (0, 40, "10"), (9, 30, "1")])
def test_too_few_labels_are_too_few_and_it_says_how_many(
    workspace: Workspace, spam: int, ham: int, missing: str
) -> None:
    spams, hams = [i for i in range(N) if i % 3 == 0], [i for i in range(N) if i % 3]
    people_say(workspace, {**dict.fromkeys(spams[:spam], "spam"), **dict.fromkeys(hams[:ham], "ham")})
    with pytest.raises(Declined) as raised:
        label(workspace)
    assert (raised.value.reason, raised.value.rule) == ("underpowered", "too_few_labels")
    assert f"{missing} more items of 'spam'" in raised.value.message
    assert read_entries(open_state(workspace), run="r1") == []
    people_say(workspace, dict.fromkeys(spams[:12], "spam") | dict.fromkeys(hams[:12], "ham"), labeller="eve")
    assert label(workspace).left == 0  # the run had not begun


def test_how_many_more_items_at_the_present_shares(workspace: Workspace) -> None:
    people_say(workspace, {**dict.fromkeys(range(0, 15, 3), "spam"), **dict.fromkeys(range(1, 150, 3), "ham")})
    with pytest.raises(Declined) as raised:
        label(workspace)
    assert "about 55 more items to label" in raised.value.message  # 5 missing, one item in 11 is spam


def test_only_people_teach_it_and_ties_do_not(workspace: Workspace) -> None:
    policy = people_say(workspace, {i: truth(i) for i in range(60)})
    first = label(workspace)
    machine = Entry(policy.id, 1, policy.hash, "i99", "m", "model", "label", "r9", "spam")
    with open_state(workspace).transaction() as connection:
        append_entries(connection, [machine])
    assert label(workspace, run="r2").labeller == first.labeller
    people_say(workspace, {0: "ham"}, labeller="eve")  # bob says spam
    tied = label(workspace, run="r3")
    assert tied.labeller != first.labeller
    assert any("1 items on which people disagree" in note for note in tied.notes)


def test_a_label_that_hardly_occurs_is_never_given(workspace: Workspace) -> None:
    path = workspace.root / "policies" / "spam.md"
    path.write_text(path.read_text().replace("[spam, ham]", "[spam, ham, unsure]"))
    people_say(workspace, {**{i: truth(i) for i in range(60)}, 60: "unsure", 61: "unsure"})
    report = label(workspace)
    assert report.labels["unsure"] == 0
    assert any("unsure (2)" in note for note in report.notes)


def test_it_learns_from_the_items_that_are_named(workspace: Workspace) -> None:
    people_say(workspace, {i: truth(i) for i in range(120)})
    some = frozenset(f"i{i}" for i in range(60))
    report = label(workspace, EmbeddedLabeller(train=some))
    assert any("Learnt from 60 items" in note for note in report.notes)
    with pytest.raises(Declined):
        label(workspace, EmbeddedLabeller(train=frozenset({"i0"})), run="r2")


def test_texts_without_words_are_scored_too(workspace: Workspace) -> None:
    people_say(workspace, {i: truth(i) for i in range(60)})
    with duckdb.connect(str(workspace.root / "content.duckdb")) as connection:
        connection.execute("update items set text = null where item_id = 'i1'")
        connection.execute("update items set text = '' where item_id = 'i2'")
        connection.execute("update items set text = '\u2014 !!' where item_id = 'i299'")
    assert label(workspace).left == 0


def test_every_text_that_is_read_is_in_the_audit_chain(workspace: Workspace) -> None:
    people_say(workspace, {i: truth(i) for i in range(60)})
    label(workspace, items=range(100, 110))
    with open_state(workspace).snapshot() as connection:
        details = list(connection.exec_driver_sql("select detail from audit where action = 'reveal'").scalars())
    assert sum("learns from it" in each for each in details) == 60
    assert sum("spam version 1" in each for each in details) == 10
    assert verify_audit(open_state(workspace)).ok
    kept = [path for path in workspace.root.rglob("*") if path.is_file() and path.name != "content.duckdb"]
    assert [path.name for path in kept if CANARY.encode() in path.read_bytes()] == []


def test_an_edited_policy_is_noticed(workspace: Workspace) -> None:
    people_say(workspace, {i: truth(i) for i in range(60)})
    path = workspace.root / "policies" / "spam.md"
    path.write_text(path.read_text().replace("Unasked for.", "Anything."))
    with pytest.raises(InvalidInput) as raised:
        label(workspace)
    assert raised.value.code == "policy_changed"
