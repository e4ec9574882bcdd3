"""A machine labels drawn units: within the approval, resumable, checked by people before its numbers stand."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from tests.study.place import (
    SETTINGS,
    asker_of,
    build_place,
    drawn_study,
    edit,
    import_labels_of,
    truth_of,
)
from tools.errors import Declined, InvalidInput
from tools.labeling import ModelLabeller, read_entries
from tools.model import Prices, Reply, Request, ScriptedModel, TokenUsage
from tools.model.scripted import Step
from tools.state import open_state
from tools.study import draft_study, estimate_study, label_progress, run_study, verify_study
from tools.workspace import Workspace

ID = "spam-q1"
TOKENS = TokenUsage(300, 10)
PRICES = Prices(10.0, 10.0)


def says(label: str) -> Reply:
    return Reply(text=json.dumps({"label": label}), usage=TOKENS)


def reads(request: Request) -> Reply:
    """Right about every text."""
    return says("spam" if "win a prize" in request.messages[-1].content else "ham")


def model(steps: int, *, name: str = "tiny") -> ModelLabeller:
    return ModelLabeller(ScriptedModel([reads] * steps, name=name), PRICES, concurrency=2)


def test_the_embedded_labeller_from_some_labels_of_people(place: Workspace) -> None:
    items = drawn_study(place, labels="model", max_missing=0.2)
    import_labels_of(place, items[:80])
    report = run_study(place, ID, asker=asker_of(place))
    assert (report.kind, report.items, report.left) == ("embedded", 150, 0)
    found = estimate_study(place, ID, asker=asker_of(place))
    checks = next(each for each in found.figures if each.id == "checks")
    assert found.basis == "model_labelled"
    assert found.labelling.kinds == ("embedded",)
    assert checks.n is not None
    assert 60 < checks.n <= 80
    draft_study(place, ID, asker=asker_of(place))
    text = (place.root / "studies" / ID / "draft.md").read_text()
    headline = next(line for line in text.split("\n") if line.startswith("> "))
    assert "by a model's labels" in headline
    assert f"People checked {checks.n} of the units" in text
    assert "| model positive |" in text
    assert verify_study(place, ID, asker=asker_of(place)).ok


def forget_texts(place: Workspace, items: list[str]) -> None:
    """As where an organisation's texts are not kept."""
    url = place.settings.warehouse.content
    assert url is not None
    with duckdb.connect(str(place.root / url.removeprefix("duckdb:"))) as content:
        content.execute("delete from items where item_id::varchar in (select unnest(?))", [items])


def test_units_whose_text_is_not_kept_stay_without_a_label(place: Workspace) -> None:
    items = drawn_study(place, labels="model", max_missing=0.2)
    import_labels_of(place, items[:80])
    forget_texts(place, [*items[:3], *items[-5:]])  # three that people have labelled, five that nobody has
    report = run_study(place, ID, asker=asker_of(place))
    assert (report.items, report.left, report.labelled) == (142, 0, 142)
    assert any(note.startswith("8 drawn units have no text") for note in report.notes)
    assert label_progress(place, ID).model[0].unlabelled == 8


def test_too_many_lost_texts_refuse_the_run(place: Workspace) -> None:
    items = drawn_study(place, labels="model", max_missing=0.05)
    import_labels_of(place, items[:80])
    forget_texts(place, items[-8:])
    with pytest.raises(InvalidInput) as refused:
        run_study(place, ID, asker=asker_of(place))
    assert refused.value.code == "no_such_item"


def test_it_learns_nothing_from_too_few(place: Workspace) -> None:
    items = drawn_study(place, labels="model")
    import_labels_of(place, items[:10])
    with pytest.raises(Declined):
        run_study(place, ID, asker=asker_of(place))


def test_a_model_labels_and_goes_on_where_it_stopped(place: Workspace) -> None:
    items = drawn_study(place, labels="model")
    first = run_study(place, ID, asker=asker_of(place), labeller=model(40))
    assert (first.labelled, first.stopped) == (40, "endpoint")
    assert label_progress(place, ID).model[0].settled == 40
    second = run_study(place, ID, asker=asker_of(place), labeller=model(110))
    assert (second.labelled, second.added, second.left, second.stopped) == (150, 110, 0, None)
    import_labels_of(place, items[:50])
    found = estimate_study(place, ID, asker=asker_of(place))
    by_hand = sum(
        Fraction(1, 3) * Fraction(sum(truth_of(i) == "spam" for i in band), len(band))
        for band in ([i for i in items if int(i[1:]) % 3 == b] for b in range(3))
    )
    assert found.figures[0].value == pytest.approx(float(by_hand), rel=1e-11)
    assert found.checks is not None
    assert found.checks.model_positive_only + found.checks.people_positive_only == 0


def test_a_model_is_paid_no_more_than_was_approved(tmp_path: Path) -> None:
    """A call costs 0.0031; a budget of 0.05 is not enough for all."""
    from tests.study.place import make_study
    from tools.study import approve_study, draw_study, plan_study

    place = build_place(tmp_path / "w")
    make_study(place, labels="model")
    plan_study(place, ID, asker=asker_of(place))
    approve_study(place, ID, by="ana", budget_usd=0.05)
    draw_study(place, ID, asker=asker_of(place))
    report = run_study(place, ID, asker=asker_of(place), labeller=model(150))
    assert report.stopped == "budget"
    assert 0 < report.labelled < 150
    assert report.cost_usd is not None
    assert report.cost_usd <= 0.05


def test_a_refusal_and_an_abstention_settle_nothing(place: Workspace) -> None:
    drawn_study(place, labels="model")
    steps: list[Step] = [Reply(refusal="No.", usage=TOKENS), says("abstain"), says("unsure"), *[reads] * 147]
    labeller = ModelLabeller(ScriptedModel(steps), PRICES, concurrency=1)
    report = run_study(place, ID, asker=asker_of(place), labeller=labeller)
    assert (report.refused, report.abstained, report.labelled) == (1, 1, 148)
    found = label_progress(place, ID).model[0]
    assert (found.settled, found.unresolved, found.unlabelled) == (147, 3, 0)


def test_a_run_begun_anew_replaces_the_one_before(place: Workspace) -> None:
    """Two machines are not two votes: the newest counts."""
    items = drawn_study(place, labels="model")
    wrong = ModelLabeller(ScriptedModel([says("spam")] * 150, name="eager"), PRICES, concurrency=1)
    run_study(place, ID, asker=asker_of(place), labeller=wrong)
    run_study(place, ID, asker=asker_of(place), labeller=model(150), run="anew")
    assert label_progress(place, ID).model[0].settled == 150
    import_labels_of(place, items[:50])
    found = estimate_study(place, ID, asker=asker_of(place))
    assert found.checks is not None
    assert found.checks.model_positive_only == 0
    lines = (place.root / "studies" / ID / "labels.csv").read_text().splitlines()
    assert len(lines) == 1 + 150 + 50


def test_another_labeller_needs_a_run_of_its_own(place: Workspace) -> None:
    drawn_study(place, labels="model")
    run_study(place, ID, asker=asker_of(place), labeller=model(150))
    with pytest.raises(InvalidInput) as caught:
        run_study(place, ID, asker=asker_of(place), labeller=model(150, name="other"))
    assert caught.value.code == "run_changed"
    assert "--run-name" in caught.value.hint


def test_no_run_without_a_model_or_an_approval_or_after_an_edit_of_the_policy(place: Workspace) -> None:
    drawn_study(place, labels="model")
    with pytest.raises(InvalidInput) as caught:
        run_study(place, ID, asker=asker_of(place), labeller="model")
    assert caught.value.code == "no_model"
    edit(place.root / "policies/spam.md", "Unasked for.", "Unasked for, in bulk.")
    with pytest.raises(InvalidInput) as caught:
        run_study(place, ID, asker=asker_of(place), labeller=model(150))
    assert caught.value.code == "policy_changed"
    assert read_entries(open_state(place)) == []
    assert "usd_per_label" not in SETTINGS
