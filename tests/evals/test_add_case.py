"""Cases added by a command: valid, checked against the data, everything else in the file untouched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evals.add_case import add_case, name_case
from evals.case import Case, load_cases
from tools.errors import InvalidInput, InvalidWorkspace

OLD = (
    '# By hand.\nworkspace: shop\ncases:\n  - {id: a, question: "a?", expect: {kind: declined}, why: by reason} # kept'
)


def case(**changes: Any) -> Case:
    given: dict[str, Any] = {
        "id": "shop-app-orders-added",
        "workspace": "shop",
        "question": 'how many orders "in the app": # all?',
        "expect": {"kind": "answer", "sql": "select count(*) from orders where channel = 'app'"},
        "why": "one filter, NO other",
    }
    return Case.model_validate({**given, **changes})


def test_a_case_is_appended_and_the_rest_stays(tmp_path: Path, kept: Path) -> None:
    file = tmp_path / "mine.yml"
    file.write_text(OLD, encoding="utf-8")
    full = case(
        paraphrases=["no", "~", "line\nbreak \u202e"], role="analyst", tags=["x"],
        expect={"kind": ["answer", "declined"], "reason": ["stale"], "sql": "select 1500", "value": 1500},
    )  # fmt: skip
    add_case(full, file, cache=kept)
    assert file.read_text(encoding="utf-8").startswith(OLD + "\n")
    assert load_cases([file])[-1] == full
    add_case(case(id="second", question="second?"), file, cache=kept)
    assert [c.id for c in load_cases([file])] == ["a", full.id, "second"]


def test_a_new_file_is_made(tmp_path: Path, kept: Path) -> None:
    add_case(case(), tmp_path / "new" / "mine.yml", cache=kept)
    assert load_cases([tmp_path / "new" / "mine.yml"]) == (case(),)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"workspace": "nowhere"}, "no workspace 'nowhere'"),
        ({"expect": {"kind": "answer", "sql": "select 1", "value": 2}}, r"gives 1\.0, the value beside it is 2"),
        ({"expect": {"kind": "answer", "sql": "select x from orders"}}, "does not run"),
        ({"id": "shop-orders"}, "'shop-orders' has this id"),
        ({"question": "how many orders?"}, "'shop-orders' has this id or asks this already"),
        ({"id": "a"}, "'a' has this id"),
    ],
)
def test_a_case_that_is_wrong_changes_nothing(changes: dict[str, Any], said: str, tmp_path: Path, kept: Path) -> None:
    file = tmp_path / "mine.yml"
    file.write_text(OLD, encoding="utf-8")
    with pytest.raises(InvalidInput, match=said):
        add_case(case(**changes), file, cache=kept)
    assert file.read_text(encoding="utf-8") == OLD


def test_a_file_whose_list_does_not_come_last_is_refused(tmp_path: Path, kept: Path) -> None:
    file = tmp_path / "mine.yml"
    text = "cases: [{id: a, question: q, expect: {kind: declined}, why: for a reason}]\nworkspace: shop\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidWorkspace, match=r"mine\.yml:\d+"):
        add_case(case(), file, cache=kept)
    assert file.read_text(encoding="utf-8") == text


def test_names_are_ids() -> None:
    assert name_case("shop", "How many ORDERS, again?!") == "shop-how-many-orders-again"
    assert name_case("shop", "a", ["shop-a", "shop-a-2"]) == "shop-a-3"
    assert case(id=name_case("shop", "é" * 300 + " x " * 200)).id.startswith("shop-x")
