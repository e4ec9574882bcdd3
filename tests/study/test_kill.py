"""Kill -9 anywhere in a study, go on, and end with the same bytes as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.study.place import asker_of, build_place, labelled_study
from tools.labeling import read_entries
from tools.state import open_state
from tools.study import draft_study, estimate_study, study_status, verify_study
from tools.workspace import Workspace

ID = "spam-q1"
ROOT = Path(__file__).parents[2]
STEPS = """
import sys
from pathlib import Path
from tests.study.place import asker_of, import_labels_of, items_of
from tools.study import approve_study, draft_study, draw_study, estimate_study, plan_study, sign_study
from tools.workspace import load_workspace
place = load_workspace(Path(sys.argv[1]))
asker = asker_of(place)
plan_study(place, "spam-q1", asker=asker)
approve_study(place, "spam-q1", by="ana", budget_usd=1000)
draw_study(place, "spam-q1", asker=asker)
import_labels_of(place, items_of(place))
estimate_study(place, "spam-q1", asker=asker)
draft_study(place, "spam-q1", asker=asker)
sign_study(place, "spam-q1", by="ana", asker=asker)
"""


def run_until_killed(place: Workspace, *, after: float | None) -> int:
    """All steps in a process of their own, killed after so many seconds of the steps' own work."""
    code = "import time, os\n" + STEPS.replace("plan_study(place,", "print('ready', flush=True)\nplan_study(place,", 1)
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(place.root)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.stderr.read() if process.stderr else ""
    if after is not None:
        try:
            process.wait(timeout=after)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
    _, errors = process.communicate(timeout=120)
    assert "Traceback" not in errors, errors
    return process.returncode


def files_of(place: Workspace) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (place.root / "studies" / ID).iterdir() if path.is_file()}


def undisturbed(tmp_path: Path) -> tuple[dict[str, bytes], float]:
    """The files of a study that nobody killed, and how long its steps took."""
    from tests.study.place import make_study

    place = build_place(tmp_path / "whole")
    make_study(place)
    begun = time.monotonic()
    assert run_until_killed(place, after=None) == 0
    return files_of(place), time.monotonic() - begun


def check_killed(tmp_path: Path, *, times: int, seed: int) -> None:
    from tests.study.place import make_study

    whole, seconds = undisturbed(tmp_path)
    place = build_place(tmp_path / "killed")
    make_study(place)
    rng = random.Random(seed)
    kills = 0
    for _ in range(times):
        kills += run_until_killed(place, after=rng.uniform(0.0, seconds)) == -signal.SIGKILL
        study_status(place, ID)  # whatever lies there can be read
        for path in (place.root / "studies" / ID).iterdir():
            assert path.name.startswith(".") or path.is_dir() or path.read_bytes() in (whole[path.name],), path.name
    assert run_until_killed(place, after=None) == 0
    kept = {name: content for name, content in files_of(place).items() if not name.startswith(".")}
    assert kept == whole
    assert kills > 0
    labels = [entry.item for entry in read_entries(open_state(place))]
    assert len(labels) == len(set(labels)) == 150
    assert verify_study(place, ID, asker=asker_of(place)).ok


def test_killed_steps_can_be_run_again(tmp_path: Path) -> None:
    print("3 kills; make soak runs 40")
    check_killed(tmp_path, times=3, seed=1)


@pytest.mark.soak
def test_many_kills(tmp_path: Path) -> None:
    check_killed(tmp_path, times=40, seed=2)


def test_a_file_left_half_written_is_not_taken_for_the_file(place: Workspace) -> None:
    """What a kill leaves beside a file has another name."""
    labelled_study(place)
    estimate_study(place, ID, asker=asker_of(place))
    folder = place.root / "studies" / ID
    old, new = folder / ".osbh89ka.json", folder / ".osbh89kb.json"
    for path in (old, new):
        path.write_text("{")
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    draft_study(place, ID, asker=asker_of(place))
    assert verify_study(place, ID, asker=asker_of(place)).ok
    assert not old.exists()
    assert new.exists()  # another process may be at it
