"""Cases on a team's own workspace, gated by the definitions that lie there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evals.gate import run_gate
from evals.recipes import prepare, read_recipes
from evals.runner import run
from tools.errors import InvalidInput, InvalidWorkspace

CASES = """workspace: .
cases:
  - {id: n, question: ticket volume, expect: {kind: answer, sql: select count(*) from tickets}, why: the count}
"""


@pytest.fixture
def own(kept: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepare(read_recipes()["vault"], cache=kept).directory, tmp_path / "desk")
    (tmp_path / "cases.yml").write_text(CASES, encoding="utf-8")
    return tmp_path / "desk"


def test_a_definition_that_changes_breaks_the_case_and_not_the_suite(own: Path, tmp_path: Path) -> None:
    files, baseline = [tmp_path / "cases.yml"], tmp_path / "baseline.json"
    assert run_gate(files, workspace=own, baseline=baseline, update=True).exit_code == 0
    definitions = own / "metrics" / "desk.yml"
    text = definitions.read_text(encoding="utf-8")
    fewer = text.replace("    unit: ticket\n", "    unit: ticket\n    where: [{column: channel, equals: mail}]\n")
    definitions.write_text(fewer, encoding="utf-8")
    red = run_gate(files, workspace=own, baseline=baseline)
    assert (red.verdict, [flip.case for flip in red.blocked]) == ("block", ["n"])
    definitions.write_text(text, encoding="utf-8")
    assert run_gate(files, workspace=own, baseline=baseline).blocked == ()


def test_no_workspace_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "cases.yml").write_text(CASES, encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"no transect\.toml") as caught:
        run([tmp_path / "cases.yml"], workspace=tmp_path)
    assert caught.value.exit_code == 2


def test_a_workspace_with_a_fault_is_no_outcome_of_a_case(own: Path, tmp_path: Path) -> None:
    (own / "transect.toml").write_text("[workspace]\nname = 3\n", encoding="utf-8")
    with pytest.raises(InvalidWorkspace):
        run([tmp_path / "cases.yml"], workspace=own)
