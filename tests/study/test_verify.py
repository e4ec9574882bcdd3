"""Verification finds whatever was changed, names the file, and the first byte and line that differ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.study.place import asker_of, build_place, edit, import_labels_of, items_of, labelled_study, write_items
from tools.errors import InvalidInput, TransectError
from tools.labeling import Answer
from tools.state import open_state
from tools.study import (
    Verification,
    draft_study,
    estimate_study,
    load_study,
    plan_study,
    queue_study,
    sign_study,
    study_status,
    verify_study,
)
from tools.workspace import Workspace, load_workspace

ID = "spam-q1"
ALL = {
    "plan.json",
    "approval.json",
    "sample.csv",
    "sample.csv.manifest.json",
    "labels.csv",
    "estimate.json",
    "draft.md",
    "draft.html",
    "chart.svg",
}


@pytest.fixture
def done(place: Workspace) -> Workspace:
    """A study with its draft."""
    labelled_study(place)
    estimate_study(place, ID, asker=asker_of(place))
    draft_study(place, ID, asker=asker_of(place))
    return place


def folder(place: Workspace) -> Path:
    return place.root / "studies" / ID


def verify(place: Workspace, **options: bool) -> Verification:
    return verify_study(place, ID, asker=asker_of(place), **options)


def test_a_whole_study_verifies(done: Workspace) -> None:
    found = verify(done)
    assert (found.ok, set(found.same), found.differences, found.notes) == (True, ALL, (), ())


def test_each_step_verifies_as_far_as_it_went(place: Workspace) -> None:
    from tests.study.place import drawn_study, make_study

    make_study(place)
    assert verify(place).ok
    plan_study(place, ID, asker=asker_of(place))
    assert set(verify(place).same) == {"plan.json"}
    drawn_study(place, "other")
    found = verify_study(place, "other", asker=asker_of(place))
    assert set(found.same) == ALL - {"labels.csv", "estimate.json", "draft.md", "draft.html", "chart.svg"}


@pytest.mark.parametrize("name", sorted(ALL - {"approval.json"}))
def test_one_changed_byte_is_found_where_it_is(done: Workspace, name: str) -> None:
    path = folder(done) / name
    content = bytearray(path.read_bytes())
    at = content.index(b"\n", len(content) // 2) + 3 if content.count(b"\n") > 2 else len(content) // 2
    content[at] ^= 1
    path.write_bytes(bytes(content))
    found = verify(done)
    assert not found.ok
    named = [each for each in found.differences if each.file == name and each.byte is not None]
    assert [each.byte for each in named] == [at]
    assert named[0].line == bytes(content[:at]).count(b"\n") + 1
    assert named[0].stored != named[0].computed
    assert set(found.same) == ALL - {name}


@pytest.mark.parametrize("name", sorted(ALL - {"approval.json", "plan.json"}))
def test_a_missing_file_is_found(done: Workspace, name: str) -> None:
    (folder(done) / name).unlink()
    found = verify(done)
    assert not found.ok
    assert [each.file for each in found.differences] == [name]
    assert "missing" in found.differences[0].what


def test_a_file_cut_short_and_one_with_more(done: Workspace) -> None:
    path = folder(done) / "draft.md"
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    assert "ends early, after byte 100" in verify(done).differences[0].what
    path.write_bytes(whole + b"PS\n")
    assert f"goes on after byte {len(whole):,}" in verify(done).differences[0].what


Change = Callable[[Workspace], Workspace]


def change_spec(place: Workspace) -> Workspace:
    edit(folder(place) / "study.yml", "level: 0.95", "level: 0.9")
    return place


def change_policy(place: Workspace) -> Workspace:
    edit(place.root / "policies/spam.md", "Unasked for.", "Unasked for, in bulk.")
    return place


def change_frame(place: Workspace) -> Workspace:
    write_items(place.root, change="update items set band = 'mid' where item_id = 'i0'")
    return load_workspace(place.root)


def change_label(place: Workspace) -> Workspace:
    item = items_of(place)[4]
    import_labels_of(place, [item], labeller="joe")
    return place


def undo_label(place: Workspace) -> Workspace:
    """A person labels an item and takes it back: that is no change."""
    answers = iter([Answer("label", "ham"), Answer("undo")])
    queue_study(
        place, ID, asker=asker_of(place), ask=lambda found: lambda item, progress: next(answers, Answer("quit"))
    )
    return place


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (change_spec, "study.yml"),
        (change_policy, "the policy"),
        (change_frame, "the frame"),
        (change_label, "the ledger"),
    ],
)
def test_the_cause_is_named_first(done: Workspace, change: Change, cause: str) -> None:
    found = verify(change(done))
    assert not found.ok
    assert found.differences[0].file == cause


def test_a_changed_label_names_its_item_and_what_follows_from_it(done: Workspace) -> None:
    item = items_of(done)[4]
    found = verify(change_label(done))
    assert found.differences[0].what == f"labels of 1 items are not those of labels.csv: {item}"
    assert {each.file for each in found.differences} >= {"the ledger", "labels.csv", "estimate.json", "draft.md"}
    assert set(found.same) >= {"plan.json", "sample.csv"}


def test_what_was_taken_back_is_no_change(done: Workspace) -> None:
    assert verify(undo_label(done)).ok


def test_an_estimate_edited_with_its_draft_is_found(done: Workspace) -> None:
    """A number raised in both files, as somebody would who wants it higher."""
    estimate = load_study(done, ID).estimate
    assert estimate is not None
    value = repr(estimate.figures[0].value)
    edit(folder(done) / "estimate.json", value, repr(0.9))
    found = verify(done)
    assert [each.file for each in found.differences] == ["estimate.json"]
    assert value in found.differences[0].computed
    assert "0.9" in found.differences[0].stored


def test_an_approval_of_another_plan_or_too_small(tmp_path: Path) -> None:
    place = build_place(tmp_path / "w", settings='usd_per_label = 1.0\napprovers = ["ana"]\n')
    labelled_study(place)
    path = folder(place) / "approval.json"
    whole = path.read_text()
    for old, new in (
        ('"by": "ana"', '"by": "bo"'),
        ('"budget_usd": 1000.0', '"budget_usd": 10.0'),
        ('"plan_hash": "', '"plan_hash": "0'),
    ):
        path.write_text(whole.replace(old, new))
        found = verify(place)
        assert [each.file for each in found.differences] == ["approval.json"], new
    path.unlink()
    assert [each.file for each in verify(place).differences] == ["approval.json"]


def test_other_metrics_are_a_note_and_no_difference(done: Workspace) -> None:
    (done.root / "metrics" / "more.yml").write_text("metrics:\n  - {name: items_made, kind: count, of: items}\n")
    found = verify(done)
    assert found.ok
    assert "changed after the plan" in found.notes[0]


def test_a_policy_that_is_gone(done: Workspace) -> None:
    (done.root / "policies/spam.md").unlink()
    found = verify(done)
    assert not found.ok
    assert "cannot be computed again" in found.differences[0].what


def test_a_clone_without_the_ledger_goes_on_from_the_snapshot_only_when_told(done: Workspace, tmp_path: Path) -> None:
    import shutil

    clone = tmp_path / "clone"
    shutil.copytree(done.root, clone, ignore=shutil.ignore_patterns(".transect"))
    place = load_workspace(clone)
    found = verify(place)
    assert not found.ok
    assert found.differences[0].file == "the ledger"
    assert "--trust-snapshot" in found.differences[0].what
    trusted = verify(place, trust_snapshot=True)
    assert trusted.ok
    assert "labels.csv was taken as given" in trusted.notes[0]
    edit(folder(place) / "labels.csv", ",ham,", ",spam,")
    assert not verify(place, trust_snapshot=True).ok


def test_a_snapshot_is_not_trusted_beside_a_ledger_that_says_otherwise(done: Workspace) -> None:
    edit(folder(done) / "labels.csv", ",ham,", ",spam,")
    assert not verify(done, trust_snapshot=True).ok


def test_verifying_writes_nothing(done: Workspace) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder(done).rglob("*")}
    verify(done)
    assert {path: path.stat().st_mtime_ns for path in folder(done).rglob("*")} == before


def test_a_signature_is_bound_to_the_draft(done: Workspace) -> None:
    signature = sign_study(done, ID, by="ana", asker=asker_of(done))
    assert sign_study(done, ID, by="ana", asker=asker_of(done)) == signature
    sign_study(done, ID, by="bo", asker=asker_of(done))
    status = study_status(done, ID)
    assert (status.stage, status.signed_by, status.next) == ("signed", ("ana", "bo"), "")
    assert verify(done).ok
    assert "signatures.json" in verify(done).same
    import_labels_of(done, items_of(done)[:1], labeller="joe", label=lambda item: "ham")
    estimate_study(done, ID, asker=asker_of(done))
    draft_study(done, ID, asker=asker_of(done))
    status = study_status(done, ID)
    assert (status.stage, status.problem) == ("drafted", "A signature is of an earlier draft.")
    assert [each.file for each in verify(done).differences] == ["signatures.json"]
    sign_study(done, ID, by="ana", asker=asker_of(done))
    assert verify(done).ok


@pytest.mark.parametrize("change", [change_spec, change_policy, change_frame, change_label])
def test_what_does_not_verify_is_not_signed(done: Workspace, change: Change) -> None:
    place = change(done)
    with pytest.raises(TransectError) as caught:
        sign_study(place, ID, by="ana", asker=asker_of(place))
    assert caught.value.code in ("verify_failed", "spec_edited")
    assert not (folder(place) / "signatures.json").exists()


def test_an_edited_draft_is_not_signed(done: Workspace) -> None:
    edit(folder(done) / "draft.md", "spam", "harmless")
    with pytest.raises(TransectError) as caught:
        sign_study(done, ID, by="ana", asker=asker_of(done))
    assert caught.value.code == "verify_failed"
    assert "draft.md" in caught.value.message


def test_no_signature_without_a_draft_or_a_name(place: Workspace) -> None:
    labelled_study(place)
    with pytest.raises(InvalidInput) as caught:
        sign_study(place, ID, by="ana", asker=asker_of(place))
    assert caught.value.code == "no_draft"
    with pytest.raises(InvalidInput):
        sign_study(place, ID, by=" ", asker=asker_of(place))


def test_signatures_are_in_the_audit_chain(done: Workspace) -> None:
    sign_study(done, ID, by="ana", asker=asker_of(done))
    from tools.state.tables import audit

    with open_state(done).snapshot() as connection:
        actions = [row.action for row in connection.execute(audit.select().order_by(audit.c.seq))]
    assert actions[-1] == "study_sign"
