"""`transect study` as its user meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Transect
from tests.study.place import build_place, edit, truth_of

ROOT = Path(__file__).parents[2]
NEW = ("new", "s1", "--frame", "items", "--strata", "band", "--n", "150", "--by", "language")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return build_place(tmp_path / "w").root


def labels_of(root: Path, id: str = "s1") -> Path:
    """Every drawn item with its true label."""
    lines = (root / "studies" / id / "sample.csv").read_text().splitlines()[1:]
    path = root / "labels.csv"
    rows = [f"{item},{truth_of(item)},maria" for item in (line.split(",")[0] for line in lines)]
    path.write_text("\n".join(["item,label,labeller", *rows]) + "\n")
    return path


def to_the_end(transect: Transect, root: Path) -> None:
    for step in (NEW, ("plan", "s1"), ("approve", "s1", "--by", "ana", "--budget", "10"), ("draw", "s1")):
        assert transect("-w", root, "study", *step).code == 0
    assert transect("-w", root, "study", "label", "s1", "--import", labels_of(root)).code == 0
    for step in (("estimate", "s1"), ("draft", "s1"), ("verify", "s1")):
        assert transect("-w", root, "study", *step).code == 0


def test_each_command_names_the_next(transect: Transect, root: Path) -> None:
    steps = [
        (NEW, "transect study plan s1"),
        (("plan", "s1"), "transect study approve s1 --by PERSON --budget 0"),
        (("approve", "s1", "--by", "ana", "--budget", "0"), "transect study draw s1"),
        (("draw", "s1"), "transect study label s1 --queue"),
    ]
    for step, following in steps:
        done = transect("-w", root, "study", *step)
        assert done.code == 0, done.err
        assert f"Next: {following.replace('transect', f'transect -w {root}', 1)}" in done.out
    done = transect("-w", root, "study", "label", "s1", "--import", labels_of(root))
    assert "150 labels added under spam version 1" in done.out
    assert "150 of 150 drawn items have a settled label by people" in done.out
    assert " study estimate s1\n" in done.out
    assert " study draft s1\n" in transect("-w", root, "study", "estimate", "s1").out
    assert " study verify s1\n" in transect("-w", root, "study", "draft", "s1").out
    assert "9 files are what they are computed to be" in transect("-w", root, "study", "verify", "s1").out
    assert " study sign s1 --by PERSON\n" in transect("-w", root, "study", "verify", "s1").out
    assert "Signed by ana" in transect("-w", root, "study", "sign", "s1", "--by", "ana").out
    assert "Signed by   ana" in transect("-w", root, "study", "show", "s1").out
    assert "s1     signed  Spam in items" in transect("-w", root, "study", "list").out


def test_inside_the_workspace_the_next_command_is_short(
    transect: Transect, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    assert "\nNext: transect study plan s1" in transect("study", *NEW).out


def test_every_json_is_one_document(transect: Transect, root: Path) -> None:
    def json_of(*step: str | Path) -> dict[str, object]:
        done = transect("-w", root, "study", *step, "--json")
        assert done.code == 0, done.err
        found: dict[str, object] = json.loads(done.out)
        return found

    assert json_of(*NEW)["assumed"]
    plan = json_of("plan", "s1")
    assert json_of("approve", "s1", "--by", "ana", "--budget", "1")["plan_hash"] == plan["hash"]
    assert set(json_of("draw", "s1")) == {"manifest"}
    assert set(json_of("label", "s1", "--import", labels_of(root))) == {"import", "queue", "run", "progress"}
    figures = json_of("estimate", "s1")["figures"]
    assert isinstance(figures, list)
    assert figures[0]["basis"] == "sample"
    assert set(json_of("draft", "s1")) == {"draft", "markdown", "html", "chart"}
    assert json_of("verify", "s1")["ok"] is True
    assert json_of("show", "s1")["stage"] == "drafted"
    assert json_of("sign", "s1", "--by", "ana")["by"] == "ana"
    assert len(json_of("list")["studies"]) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "step", "code", "error"),
    [
        ("", ("draw", "nope"), 2, "no_such_study"),
        ("approve", ("draw", "s1"), 3, "not_permitted"),
        ("spec", ("draw", "s1"), 2, "spec_edited"),
        ("policy", ("draw", "s1"), 2, "policy_changed"),
        ("", ("estimate", "s1"), 2, "no_sample"),
        ("", ("label", "s1", "--import", "x.csv", "--queue"), 2, "usage"),
        ("", ("approve", "s1", "--by", "ana", "--budget", "-1"), 2, "usage"),
        ("", NEW, 2, "study_exists"),
        ("", ("new", "s2", "--frame", "items", "--from", "2026-01-01"), 2, "usage"),
        ("", ("new", "s2", "--frame", "items", "--where", "band"), 2, "usage"),
        ("", ("new", "s2", "--frame", "items", "--n", "0"), 2, "usage"),
        ("key", ("plan", "s1"), 2, "invalid_workspace"),
    ],
)
def test_exit_codes_and_errors(
    transect: Transect, root: Path, change: str, step: tuple[str, ...], code: int, error: str
) -> None:
    for before in (NEW, ("plan", "s1"), ("approve", "s1", "--by", "ana", "--budget", "10")):
        assert transect("-w", root, "study", *before).code == 0
    if change == "approve":
        (root / "studies/s1/approval.json").unlink()
    elif change == "spec":
        edit(root / "studies/s1/study.yml", "n: 150", "n: 151")
    elif change == "policy":
        edit(root / "policies/spam.md", "Unasked for.", "Asked for.")
    elif change == "key":
        edit(root / "studies/s1/study.yml", "seed:", "sed:")
    done = transect("-w", root, "study", *step, "--json")
    assert (done.code, done.document["error"]["code"]) == (code, error)
    assert done.document["error"]["hint"] or change == "key"


def test_underpowered_is_declined(transect: Transect, root: Path) -> None:
    transect("-w", root, "study", "new", "s1", "--frame", "items", "--n", "50", "--width", "0.02")
    done = transect("-w", root, "study", "plan", "s1")
    assert done.code == 3
    assert "too few for an interval no wider than 0.02" in done.err
    assert "hint:    Draw " in done.err


def test_verify_names_the_file_and_the_byte(transect: Transect, root: Path) -> None:
    to_the_end(transect, root)
    edit(root / "studies/s1/draft.md", "Spam in items", "Spam in item5")
    done = transect("-w", root, "study", "verify", "s1")
    assert done.code == 1
    assert "DIFFERS  draft.md: differs from byte 14 on (line 1)" in done.out
    assert "in the folder:  # Spam in item5" in done.out
    assert "computed again: # Spam in items" in done.out
    assert "s1 does not verify: 1 difference." in done.out


def test_a_fault_in_a_label_file_names_its_line(transect: Transect, root: Path) -> None:
    to_the_end(transect, root)
    path = root / "more.csv"
    path.write_text("item,label,labeller\ni99999,spam,joe\n")
    done = transect("-w", root, "study", "label", "s1", "--import", path)
    assert done.code == 2
    assert "more.csv:2: there is no item 'i99999'" in done.err


def test_the_queue_over_a_pipe(root: Path, transect: Transect) -> None:
    for step in (NEW, ("plan", "s1"), ("approve", "s1", "--by", "ana", "--budget", "10"), ("draw", "s1")):
        transect("-w", root, "study", *step)
    done = subprocess.run(
        [sys.executable, "-m", "transect", "-w", str(root), "study", "label", "s1", "--queue", "--person", "ana"],
        input="spam\n2\na no context\nq\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    assert "2 labelled, 1 abstained, 0 skipped, 0 undone; 147 left." in done.stdout
    assert "2 of 150 drawn items have a settled label by people" in done.stdout


def test_a_machine_labels_from_some_labels_of_people(transect: Transect, root: Path) -> None:
    for step in (
        (*NEW, "--labels", "model", "--max-missing", "0.2"),
        ("plan", "s1"),
        ("approve", "s1", "--by", "ana", "--budget", "0"),
        ("draw", "s1"),
    ):
        assert transect("-w", root, "study", *step).code == 0
    done = transect("-w", root, "study", "label", "s1", "--run", "embedded")
    assert done.code == 3  # nobody has labelled yet
    path = labels_of(root)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:81]))
    assert transect("-w", root, "study", "label", "s1", "--import", path).code == 0
    done = transect("-w", root, "study", "label", "s1", "--run", "embedded")
    assert done.code == 0
    assert "of 150 items labelled by embedded:" in done.out
    assert "have people's checks" in done.out
    done = transect("-w", root, "study", "estimate", "s1", "--json")
    assert done.document["basis"] == "model_labelled"
    assert transect("-w", root, "study", "label", "s1", "--run", "model").code == 2  # none is configured


def test_a_condition_is_typed(transect: Transect, root: Path) -> None:
    arguments = ("--where", "band!=low", "--where", "language=", "--where", "score=0.5", "--where", "is_test=false")
    assert transect("-w", root, "study", "new", "s1", "--frame", "items", *arguments).code == 0
    text = (root / "studies/s1/study.yml").read_text()
    for line in (
        "{column: band, not_equals: low}",
        "{column: language, is_null: true}",
        "{column: score, equals: 0.5}",
        "{column: is_test, equals: false}",
    ):
        assert f"    - {line}" in text


def test_the_schema(transect: Transect) -> None:
    assert transect("schema", "study").document["title"] == "StudySpec"


def test_a_study_that_cannot_be_read_does_not_hide_the_others(transect: Transect, root: Path) -> None:
    for id in ("s1", "s2"):
        transect("-w", root, "study", "new", id, "--frame", "items")
    edit(root / "studies/s1/study.yml", "seed:", "sed:")
    done = transect("-w", root, "study", "list")
    assert done.code == 0
    assert "s1     fault" in done.out
    assert "s2     new" in done.out


def test_no_study_yet(transect: Transect, root: Path) -> None:
    assert "There are no studies yet" in transect("-w", root, "study", "list").out
