"""Labels from files: all or none, each once, and every kind of fault with its place."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.labeling.place import build_place, edit_policy
from tools.errors import InvalidInput
from tools.labeling import (
    Entry,
    ImportReport,
    append_entries,
    current_entries,
    export_labels,
    find_policy,
    find_unknown_items,
    import_labels,
    read_entries,
    read_label_file,
)
from tools.state import open_state, verify_audit
from tools.workspace import Workspace, default_asker

CHECKOUT = Path(__file__).parents[2]
HEAD = "item,label,labeller\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return build_place(tmp_path)


def bring(workspace: Workspace, text: str, *, name: str = "labels.csv", **more: Any) -> ImportReport:
    path = workspace.root / name
    path.write_text(text, encoding="utf-8")
    return import_labels(
        read_label_file(path, zone=workspace.zone, by=more.pop("by", None)),
        policy=find_policy(workspace, "spam"),
        find_unknown=lambda ids: find_unknown_items(workspace, ids),
        state=open_state(workspace),
        asker=default_asker(workspace, person="ann"),
        **more,
    )


def ledger(workspace: Workspace) -> list[tuple[str, str | None, str]]:
    return [(e.item, e.label, e.labeller) for e in read_entries(open_state(workspace))]


def test_labels_come_in_once(workspace: Workspace) -> None:
    text = HEAD + "i0,spam,bob\ni1,ham,bob\ni1,ham,bob\ni2,,bob\n"
    first = bring(workspace, text)
    assert (first.rows, first.added, first.present, first.duplicates, first.without_label) == (4, 2, 0, 1, 1)
    assert (first.items, first.labellers) == (2, 1)
    again = bring(workspace, text)
    assert (again.added, again.present) == (0, 2)
    other = bring(workspace, HEAD + "i1,ham,bob\ni3,ham,bob\n", name="more.csv")  # the same said in another file
    assert (other.added, other.present) == (1, 1)
    assert ledger(workspace) == [("i0", "spam", "bob"), ("i1", "ham", "bob"), ("i3", "ham", "bob")]
    entry = read_entries(open_state(workspace))[0]
    policy = find_policy(workspace, "spam")
    assert (entry.policy, entry.version, entry.hash, entry.kind) == ("spam", 1, policy.hash, "import")
    assert entry.run == first.run
    assert verify_audit(open_state(workspace)).lines == 2  # an import that adds nothing did nothing


@pytest.mark.parametrize(
    ("rows", "where", "said"),
    [
        ("i0,spam,bob\ni1,spma,bob\n", 3, "'spma' is no label of spam version 1 (did you mean 'spam'?)"),
        ("i0,Spam,bob\n", 2, "did you mean 'spam'?"),
        ("i0,spam,bob\nx9,ham,bob\n", 3, "there is no item 'x9'"),
        ("i0,spam,bob\ni0,ham,bob\n", 3, "'bob' labels 'i0' 'ham', and 'spam' at labels.csv:2"),
        ("i0,spam,\n", 2, "has no labeller"),
        (",spam,bob\n", 2, "has no item"),
    ],
)
def test_one_fault_and_nothing_is_imported(workspace: Workspace, rows: str, where: int, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        bring(workspace, HEAD + "i4,ham,bob\n" + rows)
    assert said.replace("labels.csv:2", "labels.csv:3") in caught.value.message
    assert caught.value.where == f"labels.csv:{where + 1}"
    assert ledger(workspace) == []


def test_all_faults_come_together(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput, match="for 3 faults") as caught:
        bring(workspace, HEAD + "i0,spma,bob\nx9,ham,bob\ni1,,\n")
    assert caught.value.code == "invalid_labels"


def test_a_file_that_breaks_off_in_a_line(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput, match="line 3: 2 fields"):
        bring(workspace, HEAD + "i0,spam,bob\ni1,ham")
    assert ledger(workspace) == []


def test_a_time_says_which_came_last(workspace: Workspace) -> None:
    head = "item,label,labeller,time\n"
    bring(workspace, head + "i0,ham,bob,2026-03-02T10:00:00Z\ni0,spam,bob,2026-03-01T10:00:00+01:00\n")
    entries = read_entries(open_state(workspace))
    assert [e.labelled_at for e in entries] == ["2026-03-02T10:00:00+00:00", "2026-03-01T09:00:00+00:00"]
    assert [e.label for e in current_entries(entries)] == ["ham"]
    with pytest.raises(InvalidInput, match="the time 'yesterday' is none"):
        bring(workspace, head + "i1,ham,bob,yesterday\n")
    with pytest.raises(InvalidInput, match="'2999-03-01T10:00:00Z' is none: a time yet to come"):
        bring(workspace, head + "i1,ham,bob,2999-03-01T10:00:00Z\n")
    with pytest.raises(InvalidInput, match="out of range"):
        bring(workspace, head + "i1,ham,bob,0001-01-01T00:00:00+14:00\n")


def test_a_policy_edited_without_a_new_version_takes_no_labels(workspace: Workspace) -> None:
    bring(workspace, HEAD + "i0,spam,bob\n")
    edit_policy(workspace, "Unasked for.", "Unasked for, or sold.")
    with pytest.raises(InvalidInput, match="edited without a new version") as caught:
        bring(workspace, HEAD + "i1,spam,bob\n")
    assert caught.value.code == "policy_changed"
    assert len(ledger(workspace)) == 1


def test_a_policy_edited_since_the_draw(workspace: Workspace) -> None:
    drawn = find_policy(workspace, "spam").hash
    assert bring(workspace, HEAD + "i0,spam,bob\n", policy_hash=drawn[:12]).added == 1
    edit_policy(workspace, "version: 1", "version: 2")
    for said in ({"policy_hash": drawn}, {"version": 1}):
        with pytest.raises(InvalidInput) as caught:
            bring(workspace, HEAD + "i1,spam,bob\n", **said)
        assert caught.value.code == "policy_changed"
    assert len(ledger(workspace)) == 1


def test_labels_of_an_older_version_do_not_count_for_the_new_one(workspace: Workspace) -> None:
    text = HEAD + "i0,spam,bob\n"
    bring(workspace, text)
    exported = export_labels(current_entries(read_entries(open_state(workspace))))
    edit_policy(workspace, "version: 1", "version: 2")
    for again in (text, exported):
        with pytest.raises(InvalidInput, match="under version 1 of the policy 'spam', now at version 2"):
            bring(workspace, again)
    assert bring(workspace, text, version=2).added == 1
    assert [e.version for e in read_entries(open_state(workspace))] == [1, 2]


def test_what_is_exported_is_in_the_ledger_already(workspace: Workspace) -> None:
    bring(workspace, "item,label,labeller,time\ni0,spam,bob,2026-03-01\ni1,ham,eve,\n")
    entries = current_entries(read_entries(open_state(workspace)))
    assert bring(workspace, export_labels(entries), name="out.csv").added == 0
    tasks = export_labels(entries, format="label-studio")
    assert bring(workspace, tasks, name="out.json").added == 0


def test_a_name_like_a_formula_goes_out_as_text_and_comes_back_as_it_was(workspace: Workspace) -> None:
    bring(workspace, "item,label,labeller\ni0,spam,@bob\ni0,ham,=1+1\n")
    entries = current_entries(read_entries(open_state(workspace)))
    exported = export_labels(entries)
    assert [line.split(",")[2] for line in exported.splitlines()[1:]] == ["'@bob", "'=1+1"]
    exact = export_labels(entries, exact=True)
    assert [line.split(",")[2] for line in exact.splitlines()[1:]] == ["@bob", "=1+1"]
    for text in (exported, exact):
        assert bring(workspace, text, name="out.csv").added == 0


def task(item: str, *annotations: dict[str, Any]) -> dict[str, Any]:
    return {"id": 7, "data": {"item": item, "text": "not read"}, "annotations": list(annotations), "predictions": []}


def annotation(*choices: str, **more: Any) -> dict[str, Any]:
    result = [
        {"from_name": "l", "to_name": "t", "type": "choices", "value": {"choices": [choice]}} for choice in choices
    ]
    return {"completed_by": 4, "was_cancelled": False, "updated_at": "2026-03-01T10:00:00Z", "result": result, **more}


def test_an_export_of_label_studio(workspace: Workspace) -> None:
    tasks = [
        task("i0", annotation("spam"), annotation("ham", completed_by={"id": 5, "email": "e@example.org"})),
        task("i1", annotation(was_cancelled=True)),
        task("i2", annotation()),
        task("i3"),
    ]
    report = bring(workspace, json.dumps(tasks), name="export.json")
    assert (report.added, report.without_label) == (3, 1)
    entries = read_entries(open_state(workspace))
    assert [(e.item, e.labeller, e.outcome, e.label) for e in entries] == [
        ("i0", "4", "label", "spam"),
        ("i0", "5", "label", "ham"),
        ("i1", "4", "skip", None),
    ]
    assert bring(workspace, json.dumps(tasks), name="export.json").added == 0


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "not a Label Studio export"),
        ('[{"text": "x", "choice": "spam"}]', "not a list of tasks"),
        ([task("i0", annotation("spam", "ham"))], "several choices results"),
        ([task("i0", annotation("spam", completed_by=None))], "does not say who made it"),
        ([{**task("i0", annotation("spam")), "data": {"text": "x"}}], "its data has no 'item'"),
        ([task("i0", {"result": None})], "broken annotation"),
        ([task("i0", annotation("spma"))], "'spma' is no label"),
    ],
)
def test_an_export_that_cannot_be_used(workspace: Workspace, document: Any, said: str) -> None:
    text = document if isinstance(document, str) else json.dumps(document)
    with pytest.raises(InvalidInput, match=said):
        bring(workspace, text, name="export.json")
    assert ledger(workspace) == []


@pytest.mark.parametrize("point", ["before", "inside", "committing", "after"])
def test_a_kill_leaves_all_or_nothing(workspace: Workspace, point: str) -> None:
    rows = "".join(f"i{i},spam,bob\n" for i in range(3000))
    file = workspace.root / "many.csv"
    file.write_text(HEAD + rows)
    command = [sys.executable, "-m", "tests.labeling.importer", str(workspace.root), str(file)]
    killed = subprocess.run([*command, point], cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    there = len(ledger(workspace))
    assert there == (3000 if point == "after" else 0)
    assert verify_audit(open_state(workspace)).lines == (1 if there else 0)
    done = subprocess.run([*command, "never"], cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ([str(3000 - there), str(there)])
    assert len(ledger(workspace)) == 3000


def test_two_imports_at_once_add_each_label_once(workspace: Workspace) -> None:
    file = workspace.root / "many.csv"
    file.write_text(HEAD + "".join(f"i{i},spam,bob\n" for i in range(500)))
    command = [sys.executable, "-m", "tests.labeling.importer", str(workspace.root), str(file), "never"]
    running = [subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    found = sorted(process.communicate(timeout=120)[0].split()[0] for process in running)
    assert found == ["0", "0", "500"]
    assert len(ledger(workspace)) == 500


def test_labels_of_machines_do_not_come_back_as_people_s(workspace: Workspace, tmp_path: Path) -> None:
    policy = find_policy(workspace, "spam")
    machines = [
        Entry(policy.id, 1, policy.hash, "i0", "m", "model", "label", "r1", "spam"),
        Entry(policy.id, 1, policy.hash, "i1", "e", "embedded", "label", "r2", "ham", scores={"ham": 0.9, "spam": 0.1}),
        Entry(policy.id, 1, policy.hash, "i2", "bob", "import", "label", "r3", "ham"),
    ]
    with open_state(workspace).transaction() as connection:
        append_entries(connection, machines)
    entries = current_entries(read_entries(open_state(workspace)))
    path = tmp_path / "exported.csv"
    path.write_text(export_labels(entries))
    given = read_label_file(path, zone=workspace.zone)
    assert ([row.labeller for row in given.rows], given.machine) == (["bob"], 2)
    tasks = json.loads(export_labels(entries, format="label-studio"))
    assert [(len(task["annotations"]), len(task["predictions"])) for task in tasks] == [(0, 1), (0, 1), (1, 0)]


def test_a_column_called_kind_in_another_file_means_nothing(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("item,label,labeller,kind\ni0,spam,bob,model\n")
    assert len(read_label_file(path, zone=workspace.zone).rows) == 1
