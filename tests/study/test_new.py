"""A new study: defaults are said, what cannot be is refused before anything is written."""

from __future__ import annotations

import pytest

from tests.study.place import asker_of, edit, make_study
from tools.errors import Declined, InvalidInput
from tools.study import load_study, new_study
from tools.workspace import Workspace


def test_every_default_is_said(place: Workspace) -> None:
    made = new_study(place, "s1", asker=asker_of(place), frame="items")
    said = "\n".join(made.assumed)
    for words in ("policy: spam", "positive: spam", "unresolved: unsure", "400 units", "0.5", "seed: ", "estimand: "):
        assert words in said
    spec = load_study(place, "s1").spec
    assert spec == made.spec
    assert spec.estimand.words == "The share of items in the frame that would be labelled spam under the policy spam."
    assert (spec.size.n, spec.estimand.unresolved) == (400, ("unsure",))


def test_two_studies_get_two_seeds(place: Workspace) -> None:
    seeds = {new_study(place, id, asker=asker_of(place), frame="items").spec.seed for id in ("s1", "s2")}
    assert len(seeds) == 2


def test_nothing_is_assumed_of_what_was_given(place: Workspace) -> None:
    made = new_study(
        place,
        "s1",
        asker=asker_of(place),
        frame="items",
        policy="spam",
        words="The share of spam.",
        positive=["spam"],
        unresolved=["unsure"],
        n=50,
        prevalence=0.1,
        seed=3,
    )
    assert made.assumed == ()


@pytest.mark.parametrize(
    ("given", "code", "hint"),
    [
        ({"frame": "itms"}, "no_such_source", "'items'"),
        ({"policy": "spamm"}, "no_such_policy", "'spam'"),
        ({"positive": ["spm"]}, "no_such_label", "'spam'"),
        ({"strata": "bnd"}, "no_such_column", "'band'"),
        ({"breakdowns": ["langage"]}, "no_such_column", "'language'"),
        ({"n": 0}, "usage", ""),
        ({"level": 95}, "usage", ""),
        ({"spread": "score", "strata": "band"}, "usage", ""),
        ({"period": ("2026-02-01", "2026-01-01")}, "usage", ""),
        ({"audience": ["redaer"]}, "not_permitted", ""),
        ({"frame": "items", "strata": "email"}, "not_permitted", ""),
        ({"breakdowns": ["body"]}, "not_permitted", ""),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(
    place: Workspace, given: dict[str, object], code: str, hint: str
) -> None:
    with pytest.raises((InvalidInput, Declined)) as caught:
        make_study(place, "s1", **given)
    assert caught.value.code == code
    assert hint in caught.value.hint
    assert not (place.root / "studies" / "s1").exists()


@pytest.mark.parametrize("id", ["S1", "a b", "../x", "", "-x"])
def test_an_id_is_the_name_of_a_folder(place: Workspace, id: str) -> None:
    with pytest.raises(InvalidInput, match="cannot name a study"):
        make_study(place, id)


def test_an_id_is_taken_once(place: Workspace) -> None:
    make_study(place, "s1")
    with pytest.raises(InvalidInput) as caught:
        make_study(place, "s1")
    assert caught.value.code == "study_exists"


def test_a_study_that_is_not_there_names_the_nearest(place: Workspace) -> None:
    make_study(place, "spam-q1")
    with pytest.raises(InvalidInput) as caught:
        load_study(place, "spam-q2")
    assert (caught.value.code, caught.value.hint) == ("no_such_study", "Did you mean 'spam-q1'?")


def test_a_stranger_sees_no_frame(place: Workspace) -> None:
    with pytest.raises(InvalidInput) as caught:
        new_study(place, "s1", asker=asker_of(place, "stranger"), frame="items")
    assert "items" not in caught.value.allowed


def test_a_role_that_sees_groups_only_draws_nothing(place: Workspace) -> None:
    with pytest.raises(Declined) as caught:
        new_study(place, "s1", asker=asker_of(place, "reader"), frame="items")
    assert caught.value.rule == "row_level"


def test_a_comment_may_be_edited(place: Workspace) -> None:
    made = new_study(place, "s1", asker=asker_of(place), frame="items")
    edit(made.path, "# labels that count", "# what counts")
    assert load_study(place, "s1").spec == made.spec
