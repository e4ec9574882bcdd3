"""The cases themselves: readable, enough of each kind, and each with SQL by hand that agrees with the data."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from evals.case import Case, load_cases
from evals.recipes import SHARED_DATA, DataAbsent, prepare, prepare_data, read_recipes
from evals.runner import CASES, check_truths
from tools.errors import InvalidWorkspace

HARD = {"unanswerable", "ambiguous", "hostile", "off-topic"}


@pytest.fixture(scope="module")
def cases() -> tuple[Case, ...]:
    return load_cases([CASES])


def test_every_case_names_a_recipe(cases: tuple[Case, ...]) -> None:
    known = read_recipes()
    assert {case.workspace for case in cases} <= set(known)


def test_there_are_enough_cases(cases: tuple[Case, ...]) -> None:
    shown = [case for case in cases if "heldout" not in case.tags]
    held_out = [case for case in cases if "heldout" in case.tags]
    hard = [case for case in shown if HARD & set(case.tags)]
    assert len(shown) >= 130
    assert len(held_out) >= 60
    assert len(hard) / len(shown) >= 0.25
    answerable = Counter(case.workspace for case in shown if case.expect.kind[0] == "answer")
    for name in ("bot_judgements", "crowd_labels", "hate_votes", "coordinated_networks", "survey_api", "shop"):
        assert answerable[name] >= 12, name
    assert answerable["sms_spam"] >= 6
    assert answerable["moderation_labels"] >= 4
    assert answerable["threat_apps"] + answerable["threat_palestine"] >= 4


def test_there_are_enough_cases_of_the_spine(cases: tuple[Case, ...]) -> None:
    """What every surface rests on: asked back, declined, studies, injection, canaries, readers; all without a key."""
    tags = Counter(tag for case in cases for tag in set(case.tags))
    wanted = {"asked-back": 25, "injection": 50, "column-value": 20, "item-text": 10, "study": 10, "thread": 10}
    wanted |= {"audience": 25, "canary": 40, "small-cell": 5}
    assert {tag: tags[tag] for tag, least in wanted.items() if tags[tag] < least} == {}
    surfaces = Counter(case.surface for case in cases)
    assert min(surfaces["cli"], surfaces["chat"]) >= 4
    assert sum(bool(case.follow_ups) for case in cases) >= 12
    assert sum("declined" in case.expect.kind for case in cases) >= 100


def test_no_wording_occurs_twice_in_a_workspace(cases: tuple[Case, ...]) -> None:
    asked = Counter(
        (case.workspace, case.role, case.audience, case.surface, case.study, wording, case.follow_ups)
        for case in cases
        for wording in case.wordings
    )
    assert [key for key, n in asked.items() if n > 1] == []


@pytest.mark.parametrize("name", sorted(name for name, recipe in read_recipes().items() if not recipe.demo))
def test_sql_by_hand_agrees(name: str, cases: tuple[Case, ...], kept: Path) -> None:
    try:
        given = prepare_data(read_recipes()[name], cache=kept, data=SHARED_DATA)
    except DataAbsent as absent:
        pytest.skip(str(absent))
    truths = check_truths([case for case in cases if case.workspace == name], given.truth)
    assert {case: truth.fault for case, found in truths.items() for truth in found if truth.fault} == {}


def test_sql_by_hand_agrees_with_the_demo(cases: tuple[Case, ...], kept: Path) -> None:
    prepared = prepare(read_recipes()["demo"], cache=kept)
    truths = check_truths([case for case in cases if case.workspace == "demo"], prepared.truth)
    assert {case: truth.fault for case, found in truths.items() for truth in found if truth.fault} == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("question: q\n    expect: {kind: answer}", "no `sql`, `figures` or `mentions`"),
        ("question: q\n    expect: {kind: answer, value: 3}", "no `sql`"),
        ("question: q\n    expect: {kind: clarification, value: 3}", "needs the `sql`"),
        ("question: q\n    expect: {kind: answer, reason: stale, sql: select 1}", "belongs to kind declined"),
        ("question: q\n    expect: {kind: maybe}", "kind"),
        ("question: q\n    expect: {kind: declined, resaon: stale}", "reason"),
        ("question: q\n    paraphrases: [a, b, c, d]\n    expect: {kind: declined}", "paraphrases"),
        ("question: ''\n    expect: {kind: declined}", "question"),
    ],
)
def test_a_bad_case_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.yml"
    path.write_text(f"workspace: demo\ncases:\n  - id: bad\n    {text}\n    why: because of this\n", encoding="utf-8")
    with pytest.raises(InvalidWorkspace) as caught:
        load_cases([path])
    assert said in str(caught.value)
    assert "bad.yml:" in str(caught.value)


def test_an_id_may_occur_once(tmp_path: Path) -> None:
    case = "  - {id: same, question: q, expect: {kind: declined}, why: because of this}\n"
    (tmp_path / "a.yml").write_text("workspace: demo\ncases:\n" + case, encoding="utf-8")
    (tmp_path / "b.yml").write_text("workspace: demo\ncases:\n" + case, encoding="utf-8")
    with pytest.raises(InvalidWorkspace, match=r"already used in a\.yml"):
        load_cases([tmp_path])


def test_workspace_and_tags_of_the_file_apply(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        "workspace: demo\ntags: [x]\ncases:\n"
        "  - {id: a, question: q, expect: {kind: declined}, why: because of this, tags: [y]}\n"
        "  - {id: b, workspace: shop, question: NO, expect: {kind: declined}, why: because of this}\n",
        encoding="utf-8",
    )
    first, second = load_cases([tmp_path])
    assert (first.workspace, first.tags) == ("demo", ("x", "y"))
    assert (second.workspace, second.tags, second.question) == ("shop", ("x",), "NO")
