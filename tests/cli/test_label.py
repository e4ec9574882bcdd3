"""`transect label` as its user meets it: the ledger, the queue over a pipe, and texts that go nowhere else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli.label_prompt import clean_lines, read_answer
from tests.cli.conftest import Transect
from tests.labeling.place import CANARY, build_place
from tools.labeling import Answer
from tools.state import open_state
from tools.workspace import load_workspace

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return build_place(tmp_path).root


def write(place: Path, text: str) -> Path:
    path = place / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def sit(place: Path, typed: str, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "transect", "-w", str(place), "label", "queue", "--policy", "spam"]
    command += ["--items", str(place / "sample.csv"), "--person", "ann", *more]
    return subprocess.run(command, cwd=ROOT, input=typed, capture_output=True, text=True, check=False, timeout=60)


def test_in_status_and_out(transect: Transect, place: Path) -> None:
    file = write(place, "item,label,labeller\ni0,spam,bob\ni1,ham,bob\ni0,spam,eve\n")
    done = transect("-w", place, "label", "import", file, "--policy", "spam", "--json")
    assert (done.code, done.document["added"], done.document["present"]) == (0, 3, 0)
    again = transect("-w", place, "label", "import", file, "--policy", "spam")
    assert "0 labels added under spam version 1" in again.out
    assert "3 were in the ledger already." in again.out
    (found,) = transect("-w", place, "label", "status", "--json").document["policies"]
    assert (found["items"], found["twice"], found["labels"]) == (2, 1, {"spam": 2, "ham": 1})
    assert "spam 2, ham 1" in transect("-w", place, "label", "status").out
    exported = transect("-w", place, "label", "export", "--policy", "spam").out.splitlines()
    assert exported[0].startswith("item,label,labeller,kind,policy,version,hash,time")
    assert [line.split(",")[:3] for line in exported[1:]] == [
        ["i0", "spam", "bob"],
        ["i1", "ham", "bob"],
        ["i0", "spam", "eve"],
    ]
    tasks = json.loads(transect("-w", place, "label", "export", "--format", "label-studio").out)
    assert [(task["data"]["item"], len(task["annotations"])) for task in tasks] == [("i0", 2), ("i1", 1)]


def test_the_draw_decides_which_items_there_are(transect: Transect, place: Path) -> None:
    file = write(place, "item,label,labeller\ni4,spam,bob\n")
    (place / "drawn.csv").write_text("item\ni0\n")
    done = transect("-w", place, "label", "import", file, "--policy", "spam", "--items", place / "drawn.csv", "--json")
    assert (done.code, done.document["error"]["code"]) == (2, "invalid_labels")
    assert "there is no item 'i4'" in done.document["error"]["message"]
    assert transect("-w", place, "label", "status", "--json").document["policies"][0]["items"] == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--policy", "spma"), "no_such_policy"),
        (("--policy", "spam", "--labeller", "who"), "no_such_column"),
        (("--policy", "spam", "--policy-version", "2"), "policy_changed"),
        (("--policy", "spam", "--policy-hash", "00000000"), "policy_changed"),
    ],
)
def test_an_import_that_is_refused(transect: Transect, place: Path, arguments: tuple[str, ...], code: str) -> None:
    file = write(place, "item,label,labeller\ni0,spam,bob\n")
    done = transect("-w", place, "label", "import", file, *arguments, "--json")
    assert (done.code, done.document["error"]["code"]) == (2, code)


def test_without_a_store_of_texts_the_items_must_be_named(transect: Transect, place: Path) -> None:
    (place / "transect.toml").write_text("[access.roles.analyst]\n")
    file = write(place, "item,label\ni0,spam\n")
    importing = ("-w", place, "label", "import", file, "--policy", "spam", "--by", "bob", "--json")
    assert transect(*importing).document["error"]["code"] == "no_content"
    assert transect(*importing, "--items", place / "sample.csv").document["added"] == 1


def test_one_text_is_revealed_and_the_look_is_kept(transect: Transect, place: Path) -> None:
    done = transect("-w", place, "label", "reveal", "i2", "--reason", "appeal 4711", "--person", "ann")
    assert done.out == f"{CANARY} text 2\n"
    with open_state(load_workspace(place)).snapshot() as connection:
        (line,) = connection.exec_driver_sql("select person, action, detail from audit").all()
    assert (line[0], line[1]) == ("ann", "reveal")
    assert json.loads(line[2])["item"] == "i2"
    assert json.loads(line[2])["reason"] == "appeal 4711"
    for arguments, code in ((("x9", "--reason", "r"), "no_such_item"), (("i1", "--reason", " "), "no_reason")):
        failed = transect("-w", place, "label", "reveal", *arguments, "--json")
        assert (failed.code, failed.document["error"]["code"]) == (2, code)


def test_the_queue_over_a_pipe(place: Path) -> None:
    done = sit(place, "1\nham looks fine\nu\nx\ng\n2 on second thought\na too short\ns\n")
    assert done.returncode == 0, done.stderr
    assert "[1/5] i0" in done.stdout
    assert f"{CANARY} text 1" in done.stdout
    assert "Not an answer." in done.stdout
    assert "Look twice." in done.stdout
    assert "3 labelled, 1 abstained, 1 skipped, 1 undone; 2 left." in done.stdout
    done = sit(place, "1\n", "--json")
    assert json.loads(done.stdout) == {"labelled": 1, "abstained": 0, "skipped": 0, "undone": 0, "left": 1}
    assert "[4/5] i3" in done.stderr
    with open_state(load_workspace(place)).snapshot() as connection:
        rows = connection.exec_driver_sql("select item, outcome, label, reason from labels order by seq").all()
        looks = connection.exec_driver_sql("select detail from audit where action = 'reveal'").scalars().all()
    assert [tuple(row) for row in rows] == [
        ("i0", "label", "spam", ""),
        ("i1", "label", "ham", "looks fine"),
        ("i1", "undo", None, ""),
        ("i1", "label", "ham", "on second thought"),
        ("i2", "abstain", None, "too short"),
        ("i3", "skip", None, ""),
        ("i3", "label", "spam", ""),
    ]
    assert len(looks) == 9  # i0 i1 i2, i1 again after the undo, i2 i3 i4; then i3 i4
    assert json.loads(looks[0])["reason"] == "label queue spam version 1"


@pytest.mark.parametrize(("items", "code"), [("item\n", "no_items"), ("item\ni0\nx9\n", "no_such_item")])
def test_a_queue_of_no_items_or_unknown_ones(transect: Transect, place: Path, items: str, code: str) -> None:
    (place / "sample.csv").write_text(items)
    queue = ("-w", place, "label", "queue", "--policy", "spam", "--items", place / "sample.csv", "--json")
    done = transect(*queue)
    assert (done.code, done.document["error"]["code"]) == (2, code)


def test_no_text_is_kept_anywhere(transect: Transect, place: Path) -> None:
    sit(place, "1\n2\n")
    transect("-w", place, "label", "reveal", "i3", "--reason", "look")
    for command in (["export"], ["export", "--format", "label-studio"], ["status"]):
        assert CANARY not in transect("-w", place, "label", *command).out
    kept = [path for path in place.rglob("*") if path.is_file() and path.name != "content.duckdb"]
    assert any(path.name == "state.db" for path in kept)
    assert [path.name for path in kept if CANARY.encode() in path.read_bytes()] == []


def test_lines_as_answers() -> None:
    labels = ("violating", "benign", "not sure")
    assert read_answer("1\n", labels) == Answer("label", "violating")
    assert read_answer(" Benign  because of tone\n", labels) == Answer("label", "benign", "because of tone")
    assert read_answer("not sure hm", labels) == Answer("label", "not sure", "hm")
    assert read_answer("a too short", labels) == Answer("abstain", None, "too short")
    assert read_answer("u", labels) == Answer("undo")
    for line in ("", "4", "0", "benignish", "u please", "violat"):
        assert read_answer(line, labels) is None
    assert read_answer("1", ("0", "1")) == Answer("label", "1")  # a name counts before a place


def test_a_text_cannot_steer_the_terminal() -> None:
    assert clean_lines("one\x1b[2Jtwo\nthree\x07\u202efour") == "one [2Jtwo\nthree four"
