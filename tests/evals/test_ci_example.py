"""The workflow that people copy: commands that exist, actions pinned, the page in the summary, rights to read alone."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.cli.main import run

EXAMPLE = Path(__file__).parents[2] / "examples" / "ci" / "github-actions.yml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
STEPS: list[dict[str, Any]] = WORKFLOW["jobs"]["gate"]["steps"]


def test_it_has_the_parts_of_a_workflow() -> None:
    assert set(WORKFLOW) == {
        "name",
        True,
        "permissions",
        "concurrency",
        "defaults",
        "jobs",
    }  # YAML 1.1 reads `on` as true
    assert WORKFLOW[True] == {"pull_request": None, "push": {"branches": ["main"]}}
    assert set(WORKFLOW["jobs"]["gate"]) == {"runs-on", "timeout-minutes", "steps"}
    for step in STEPS:
        assert ("uses" in step) != ("run" in step)
        assert set(step) <= {"name", "uses", "with", "run", "if"}


def test_it_may_only_read_and_holds_no_secret() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert "secrets." not in TEXT
    assert STEPS[0]["with"] == {"persist-credentials": False}


def test_every_action_is_pinned_to_a_commit_with_its_version() -> None:
    uses = re.findall(r"uses: (.*)", TEXT)
    assert len(uses) == 4
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each) for each in uses), uses


def test_the_gate_counts_and_its_page_is_the_summary() -> None:
    gate = next(step["run"] for step in STEPS if "eval gate" in step.get("run", ""))
    assert gate.endswith('| tee -a "$GITHUB_STEP_SUMMARY"')
    assert WORKFLOW["defaults"]["run"]["shell"] == "bash"  # -o pipefail: the gate's exit code, not tee's


@pytest.mark.parametrize("line", [s["run"] for s in STEPS if "transect" in s.get("run", "")])
def test_its_commands_exist(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(re.split(r"[>|]", line)[0])
    assert words[0] == ".venv/bin/transect"
    assert run([*words[1:3], "--help"]) == 0
    known = capsys.readouterr().out
    assert all(word in known for word in words if word.startswith("--"))
