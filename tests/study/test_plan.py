"""A plan: what it counts, foresees and costs; what it is bound to; when it is declined."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.study.place import asker_of, build_place, drawn_study, edit, make_study, write_items
from tools.errors import Declined, InvalidInput
from tools.study import Plan, load_study, plan_study
from tools.workspace import Workspace, load_workspace


def plan(place: Workspace, id: str = "spam-q1") -> Plan:
    return plan_study(place, id, asker=asker_of(place))


def test_it_counts_the_frame_by_stratum(place: Workspace) -> None:
    make_study(place)
    found = plan(place)
    assert found.frame.units == 1080  # 1,200 less the tests, one in ten
    assert {s.stratum: (s.units, s.n) for s in found.strata} == {"high": (360, 50), "low": (360, 50), "mid": (360, 50)}
    assert (str(found.frame.first), str(found.frame.last)) == ("2026-01-01", "2027-08-23")


def test_conditions_and_period_make_the_frame(place: Workspace) -> None:
    from tools.metrics.definitions import Predicate

    make_study(
        place,
        period=("2026-01-01", "2026-02-01"),
        where=[Predicate(column="band", not_equals="low")],
        n=20,
        strata=None,
    )
    expected = [i for i in range(62) if i % 10 != 9 and i % 3 != 0]
    assert plan(place).frame.units == len(expected)


def test_its_cost_comes_from_the_settings(tmp_path: Path) -> None:
    place = build_place(tmp_path / "w", settings="usd_per_label = 0.25\n")
    make_study(place)
    found = plan(place)
    assert (found.cost.labels, found.cost.usd) == (150, 37.5)
    assert not any("cost nothing" in note for note in found.notes)


def test_the_note_on_costless_labels(place: Workspace) -> None:
    make_study(place)
    assert any("cost nothing" in note for note in plan(place).notes)


def test_the_same_plan_twice_is_the_same_bytes(place: Workspace) -> None:
    make_study(place)
    plan(place)
    first = (place.root / "studies/spam-q1/plan.json").read_bytes()
    plan(place)
    assert (place.root / "studies/spam-q1/plan.json").read_bytes() == first


@pytest.mark.parametrize("order", ["i desc", "hash(i)"])
def test_the_order_of_rows_and_the_file_do_not_matter(tmp_path: Path, order: str) -> None:
    plans = []
    for name, ordered in (("a", "i"), ("b", order)):
        place = build_place(tmp_path / name, order=ordered)
        make_study(place)
        plans.append(plan(place).hash)
    assert plans[0] == plans[1]


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ("update items set band = 'mid' where item_id = 'i0'", True),
        ("update items set language = 'de' where item_id = 'i1'", True),
        ("update items set language = '' where item_id = 'i7'", True),  # it was missing
        ("delete from items where item_id = 'i0'", True),
        ("update items set is_test = true where item_id = 'i0'", True),
        ("update items set email = 'x'", False),
        ("update items set body = 'x'", False),
        ("update items set band = 'mid' where item_id = 'i9'", False),  # a test item is not in the frame
    ],
)
def test_the_fingerprint_is_of_what_the_design_reads(place: Workspace, change: str, moves: bool) -> None:
    make_study(place)
    before = plan(place).frame.fingerprint
    write_items(place.root, change=change)
    assert (plan(load_workspace(place.root)).frame.fingerprint != before) == moves


def test_every_part_is_in_the_hash(place: Workspace) -> None:
    make_study(place)
    found = plan(place)
    data = json.loads((place.root / "studies/spam-q1/plan.json").read_text())
    for key in set(data) - {"hash"}:
        changed = found.model_copy(update={key: "other"})
        assert changed.content_hash() != found.hash, key
    assert found.content_hash() == found.hash


def test_a_comment_in_the_spec_changes_nothing_and_a_key_does(place: Workspace) -> None:
    make_study(place)
    before = plan(place).hash
    spec = place.root / "studies/spam-q1/study.yml"
    edit(spec, "# labels that count", "# what counts")
    assert plan(place).hash == before
    edit(spec, "n: 150", "n: 151")
    assert plan(place).hash != before


def test_an_edited_policy_is_another_plan(place: Workspace) -> None:
    make_study(place)
    before = plan(place).hash
    edit(place.root / "policies/spam.md", "Unasked for.", "Unasked for, in bulk.")
    assert plan(place).hash != before


def test_a_width_is_turned_into_units(place: Workspace) -> None:
    make_study(place, n=None, width=0.1, prevalence=0.2)
    found = plan(place)
    assert found.expected.width <= 0.1
    assert found.n < 400
    assert found.n == sum(s.n for s in found.strata)


def test_too_few_units_for_the_width_are_declined_with_what_it_takes(tmp_path: Path) -> None:
    place = build_place(tmp_path / "w", settings="usd_per_label = 2.0\n")
    make_study(place, n=100, width=0.1)
    with pytest.raises(Declined) as caught:
        plan(place)
    assert caught.value.reason == "underpowered"
    needed = int(caught.value.message.split("that takes ")[1].split(" ")[0].replace(",", ""))
    assert f"Draw {needed - 100:,} more, about ${2 * (needed - 100):,.2f} more" in caught.value.hint
    make_study(place, "enough", n=needed, width=0.1)
    assert plan(place, "enough").n == needed
    assert not (place.root / "studies/spam-q1/plan.json").exists()


def test_more_than_the_frame_holds(place: Workspace) -> None:
    make_study(place, n=5000)
    with pytest.raises(InvalidInput) as caught:
        plan(place)
    assert (caught.value.code, caught.value.allowed) == ("n_too_large", ["6 to 1,080"])


def test_too_few_for_the_strata(place: Workspace) -> None:
    make_study(place, n=4)
    with pytest.raises(InvalidInput) as caught:
        plan(place)
    assert caught.value.code == "n_too_small"


def test_an_empty_frame_says_what_the_data_hold(place: Workspace) -> None:
    make_study(place, period=("2020-01-01", "2020-02-01"))
    with pytest.raises(Declined) as caught:
        plan(place)
    assert caught.value.reason == "no_data"
    assert "2026-01-01 to 2027-08-23" in caught.value.message


def test_a_period_beyond_the_data_is_said(place: Workspace) -> None:
    make_study(place, period=("2025-12-01", "2028-01-01"))
    notes = " ".join(plan(place).notes)
    assert "newest row is of 2027-08-23" in notes
    assert "oldest row is of 2026-01-01" in notes


def test_few_expected_positives_are_said(place: Workspace) -> None:
    make_study(place, prevalence=0.01)
    said = [note for note in plan(place).notes if "no more than an upper bound" in note]
    assert len(said) == 1
    assert "About 1.5 positives" in said[0]


def test_a_unit_that_repeats_is_refused_with_its_rows(place: Workspace) -> None:
    make_study(place)
    write_items(place.root, change="insert into items select * from items where item_id = 'i0'")
    with pytest.raises(InvalidInput) as caught:
        plan(load_workspace(place.root))
    assert caught.value.code == "duplicate_id"


def test_a_missing_stratum_is_refused_with_its_row(place: Workspace) -> None:
    make_study(place)
    write_items(place.root, change="update items set band = null where item_id = 'i3'")
    with pytest.raises(InvalidInput) as caught:
        plan(load_workspace(place.root))
    assert caught.value.code == "invalid_stratum"


def test_a_policy_without_a_negative_label(place: Workspace) -> None:
    make_study(place, positive=["spam", "ham"], unresolved=["unsure"])
    with pytest.raises(InvalidInput) as caught:
        plan(place)
    assert caught.value.code == "no_negative_label"


def test_a_drawn_study_is_not_planned_anew(place: Workspace) -> None:
    drawn_study(place)
    plan(place)  # the same plan, which may be made again
    edit(place.root / "studies/spam-q1/study.yml", "n: 150", "n: 151")
    with pytest.raises(InvalidInput) as caught:
        plan(place)
    assert caught.value.code == "already_drawn"


def test_neyman_takes_more_where_the_score_varies(place: Workspace) -> None:
    write_items(place.root, change="update items set score = 0.5 where band <> 'high'")
    place = load_workspace(place.root)
    make_study(place, allocation="neyman", spread="score")
    take = {s.stratum: s.n for s in plan(place).strata}
    assert take == {"high": 146, "low": 2, "mid": 2}


def test_nothing_of_a_person_is_in_the_plan(place: Workspace) -> None:
    make_study(place)
    plan(place)
    text = (place.root / "studies/spam-q1/plan.json").read_text()
    assert load_study(place, "spam-q1").plan is not None
    assert "canary" not in text
    assert "email" not in text
