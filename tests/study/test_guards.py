"""No step without what comes before it: approval of this very plan, the frame, policy and sample it was made with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.study.place import (
    asker_of,
    build_place,
    drawn_study,
    edit,
    import_labels_of,
    labelled_study,
    make_study,
    write_items,
)
from tools.errors import Declined, InvalidInput, TransectError
from tools.labeling import read_entries
from tools.state import open_state, verify_audit
from tools.study import (
    approve_study,
    draft_study,
    draw_study,
    estimate_study,
    label_progress,
    may_approve,
    plan_study,
    study_status,
)
from tools.workspace import Settings, Workspace, load_workspace

ID = "spam-q1"


def draw(place: Workspace) -> None:
    draw_study(place, ID, asker=asker_of(place))


def approved(place: Workspace, budget: float = 1000, **given: Any) -> None:
    make_study(place, **given)
    plan_study(place, ID, asker=asker_of(place))
    approve_study(place, ID, by="ana", budget_usd=budget)


def refused(place: Workspace) -> TransectError:
    """The outcome of a draw that must not happen."""
    with pytest.raises(TransectError) as caught:
        draw(place)
    assert not (place.root / "studies" / ID / "sample.csv").exists()
    return caught.value


def test_no_draw_without_a_plan(place: Workspace) -> None:
    make_study(place)
    assert refused(place).code == "no_plan"


def test_no_draw_without_an_approval(place: Workspace) -> None:
    make_study(place)
    plan_study(place, ID, asker=asker_of(place))
    error = refused(place)
    assert isinstance(error, Declined)
    assert (error.reason, error.rule) == ("not_permitted", "not_approved")
    assert "transect study approve spam-q1" in error.hint


def test_no_draw_of_a_plan_that_changed_after_its_approval(place: Workspace) -> None:
    approved(place)
    edit(place.root / "studies" / ID / "study.yml", "n: 150", "n: 200")
    assert refused(place).code == "spec_edited"
    plan_study(place, ID, asker=asker_of(place))
    error = refused(place)
    assert isinstance(error, Declined)
    assert error.rule == "other_plan"
    approve_study(place, ID, by="ana", budget_usd=1000)
    draw(place)


def test_no_draw_of_a_plan_that_was_edited_by_hand(place: Workspace) -> None:
    approved(place)
    edit(place.root / "studies" / ID / "plan.json", '"n": 150', '"n": 151')
    assert refused(place).code == "plan_edited"


def test_an_edited_plan_is_not_saved_by_its_hash(place: Workspace) -> None:
    """Whoever edits the hash as well meets the approval."""
    approved(place)
    path = place.root / "studies" / ID / "plan.json"
    plan = json.loads(path.read_text())
    plan["cost"]["usd"] = 0.01
    from tools.study import Plan

    path.write_text(Plan.model_validate(plan).sealed().model_dump_json(by_alias=True, exclude_none=True))
    error = refused(place)
    assert isinstance(error, Declined)
    assert error.rule == "other_plan"


def test_a_budget_below_the_cost_is_declined_at_once_and_at_the_draw(tmp_path: Path) -> None:
    place = build_place(tmp_path / "w", settings="usd_per_label = 2.0\n")
    make_study(place)
    plan_study(place, ID, asker=asker_of(place))
    with pytest.raises(Declined) as caught:
        approve_study(place, ID, by="ana", budget_usd=299.99)
    assert caught.value.reason == "too_expensive"
    assert "$300.00" in caught.value.message
    assert not (place.root / "studies" / ID / "approval.json").exists()
    approve_study(place, ID, by="ana", budget_usd=300)
    edit(place.root / "studies" / ID / "approval.json", '"budget_usd": 300.0', '"budget_usd": 200.0')
    error = refused(place)
    assert isinstance(error, Declined)
    assert error.reason == "too_expensive"


@pytest.mark.parametrize("budget", [-1, float("nan"), float("inf")])
def test_a_budget_is_an_amount(place: Workspace, budget: float) -> None:
    make_study(place)
    plan_study(place, ID, asker=asker_of(place))
    with pytest.raises(InvalidInput):
        approve_study(place, ID, by="ana", budget_usd=budget)


@pytest.mark.parametrize(
    ("person", "approvers", "allowed"),
    [
        ("ana", (), True),
        ("ana", ("ana", "bo"), True),
        ("Ana", ("ana", "bo"), False),
        ("cy", ("ana", "bo"), False),
        ("", (), False),
        (" ", ("ana",), False),
    ],
)
def test_who_may_approve(person: str, approvers: tuple[str, ...], allowed: bool) -> None:
    found = may_approve(person, Settings.model_validate({"study": {"approvers": approvers}}))
    assert bool(found) == allowed
    assert found.why


def test_only_an_approver_approves(tmp_path: Path) -> None:
    place = build_place(tmp_path / "w", settings='approvers = ["bo"]\n')
    make_study(place)
    plan_study(place, ID, asker=asker_of(place))
    with pytest.raises(Declined) as caught:
        approve_study(place, ID, by="ana", budget_usd=10)
    assert (caught.value.reason, caught.value.rule, caught.value.allowed) == (
        "not_permitted",
        "not_an_approver",
        ["bo"],
    )
    approve_study(place, ID, by="bo", budget_usd=10)
    edit(place.root / "studies" / ID / "approval.json", '"by": "bo"', '"by": "ana"')
    error = refused(place)
    assert isinstance(error, Declined)
    assert error.rule == "not_an_approver"


def test_approvals_and_draws_are_in_the_audit_chain(place: Workspace) -> None:
    drawn_study(place)
    state = open_state(place)
    with state.snapshot() as connection:
        from tools.state.tables import audit

        found = [(row.action, row.person) for row in connection.execute(audit.select().order_by(audit.c.seq))]
    assert found == [("study_approve", "ana"), ("study_draw", "ana")]
    assert verify_audit(state).ok


def test_no_draw_from_a_frame_that_changed_since_the_plan(place: Workspace) -> None:
    approved(place)
    write_items(place.root, rows=1201)
    error = refused(load_workspace(place.root))
    assert isinstance(error, Declined)
    assert (error.reason, error.rule) == ("stale", "frame_changed")


def test_rows_outside_the_period_do_not_change_the_frame(place: Workspace) -> None:
    approved(place, period=("2026-01-01", "2026-07-01"))
    write_items(place.root, rows=1300)
    draw(load_workspace(place.root))


@pytest.mark.parametrize(("old", "new"), [("Unasked for.", "Unasked for, in bulk."), ("version: 1", "version: 2")])
def test_no_draw_under_a_policy_that_was_edited_since_the_plan(place: Workspace, old: str, new: str) -> None:
    approved(place)
    edit(place.root / "policies/spam.md", old, new)
    assert refused(place).code == "policy_changed"


@pytest.mark.parametrize(("old", "new"), [("Unasked for.", "Unasked for, in bulk."), ("version: 1", "version: 2")])
def test_no_label_under_a_policy_that_was_edited_since_the_draw(place: Workspace, old: str, new: str) -> None:
    items = drawn_study(place)
    edit(place.root / "policies/spam.md", old, new)
    with pytest.raises(InvalidInput) as caught:
        import_labels_of(place, items)
    assert caught.value.code == "policy_changed"
    assert "start a new study" in caught.value.hint
    assert read_entries(open_state(place)) == []


def test_no_estimate_under_a_policy_that_was_edited_since(place: Workspace) -> None:
    labelled_study(place)
    edit(place.root / "policies/spam.md", "Unasked for.", "Unasked for, in bulk.")
    with pytest.raises(InvalidInput) as caught:
        estimate_study(place, ID, asker=asker_of(place))
    assert caught.value.code == "policy_changed"


def test_a_sample_that_was_edited_is_not_labelled(place: Workspace) -> None:
    items = drawn_study(place)
    edit(place.root / "studies" / ID / "sample.csv", items[3], "i999999")
    with pytest.raises(InvalidInput) as caught:
        label_progress(place, ID)
    assert (caught.value.code, caught.value.hint) == ("damaged_file", "Draw it again: transect study draw spam-q1")


def test_nothing_is_labelled_or_estimated_before_the_draw(place: Workspace) -> None:
    approved(place)
    for step in (label_progress, lambda w, i: estimate_study(w, i, asker=asker_of(w))):
        with pytest.raises(InvalidInput) as caught:
            step(place, ID)
        assert caught.value.code == "no_sample"


def test_no_draft_before_the_estimate(place: Workspace) -> None:
    labelled_study(place)
    with pytest.raises(InvalidInput) as caught:
        draft_study(place, ID, asker=asker_of(place))
    assert caught.value.code == "no_estimate"


def test_no_draft_of_labels_that_are_not_those_of_the_estimate(place: Workspace) -> None:
    labelled_study(place)
    estimate_study(place, ID, asker=asker_of(place))
    edit(place.root / "studies" / ID / "labels.csv", "spam", "ham")
    with pytest.raises(InvalidInput) as caught:
        draft_study(place, ID, asker=asker_of(place))
    assert caught.value.code == "stale_estimate"


def test_a_file_that_is_no_json_says_how_it_comes_back(place: Workspace) -> None:
    approved(place)
    (place.root / "studies" / ID / "approval.json").write_text("{")
    with pytest.raises(InvalidInput) as caught:
        draw(place)
    assert caught.value.code == "damaged_file"
    assert "transect study approve" in caught.value.hint


def test_a_stranger_draws_nothing(place: Workspace) -> None:
    approved(place)
    with pytest.raises(TransectError):
        draw_study(place, ID, asker=asker_of(place, "stranger"))
    assert not (place.root / "studies" / ID / "sample.csv").exists()


def test_show_says_why_a_step_no_longer_holds(place: Workspace) -> None:
    labelled_study(place)
    assert study_status(place, ID).next == "transect study estimate spam-q1"
    edit(place.root / "policies/spam.md", "Unasked for.", "Unasked for, in bulk.")
    found = study_status(place, ID)
    assert (found.stage, "edited" in found.problem) == ("approved", True)
