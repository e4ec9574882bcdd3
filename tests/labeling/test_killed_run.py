"""kill -9 in the middle of a run of labels: nothing recorded is lost, nothing recorded is asked for again."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.labeling.place import build_place
from tests.model.server_process import ServerProcess, server_process
from tools.labeling import read_entries
from tools.model.call import idempotency_key
from tools.state import open_state
from tools.workspace import Workspace, load_workspace

ROOT = Path(__file__).parents[2]
FULL = pytest.param(500, 20, marks=pytest.mark.soak, id="500 items, 20 kills")


@pytest.mark.parametrize(("items", "kills"), [pytest.param(60, 3, id="60 items, 3 kills"), FULL])
def test_a_run_that_is_killed_again_and_again(tmp_path: Path, items: int, kills: int) -> None:
    with server_process(seconds=0.01) as server:
        workspace = build_run(tmp_path, server.url, items)
        draw = random.Random(20_260_401)
        recorded: list[tuple[int, set[str], set[str]]] = []
        unfinished = 0
        for kill in range(kills):
            # Every second kill comes with a call, the others a moment after one: while answers are on their way, or
            # are being recorded, or the next ones are being reserved.
            reached = items * kill // kills
            target = max(len(server.keys) + 1 + draw.randrange(6), reached + draw.randrange(items // kills))
            moment = 0.0 if kill % 2 == 0 else draw.uniform(0.0, 0.06)
            unfinished += kill_at(workspace, items, server, target, moment)
            keys, entries = snapshot(workspace)
            server.catch_up()
            recorded.append((len(server.keys), keys, entries))
        done = subprocess.run(
            command(workspace, items), cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
        )
        report = json.loads(done.stdout)
        server.catch_up()
    assert unfinished == kills, "every kill hit a run at work"
    assert report["labelled"] + report["abstained"] == items
    assert (report["left"], report["failed"], report["stopped"]) == (0, 0, None)
    keys, entries = snapshot(workspace)
    assert len(entries) == items
    lost = sum(len(before - entries) for _, _, before in recorded)
    repeated = sum(len(before & set(server.keys[at:])) for at, before, _ in recorded)
    assert (lost, repeated) == (0, 0)
    asked = Counter(server.keys)
    assert set(asked) == keys
    assert report["calls"] >= sum(asked.values()), "each call that the endpoint saw has its row"
    assert report["maybe_billed_twice"] >= sum(asked.values()) - items, "each repeat is counted"
    print(
        f"{items} items, {kills} kills: {lost} labels lost, {repeated} recorded calls repeated; the endpoint saw "
        f"{sum(asked.values())} calls, {report['maybe_billed_twice']} may have been billed twice"
    )


def build_run(root: Path, url: str, items: int) -> Workspace:
    build_place(root, items=items)
    settings = root / "transect.toml"
    settings.write_text(f'[model]\nbase_url = "{url}"\n' + settings.read_text())
    return load_workspace(root)


def command(workspace: Workspace, items: int) -> list[str]:
    arguments = ["-w", str(workspace.root), "label", "run", "--policy", "spam", "--labeler", "small", "--json"]
    return [sys.executable, "-m", "transect", *arguments, "--items", str(workspace.root / "sample.csv")]


def kill_at(workspace: Workspace, items: int, server: ServerProcess, target: int, moment: float) -> bool:
    """Start the run, kill it `moment` seconds after the endpoint has seen `target` calls; whether it was at work."""
    process = subprocess.Popen(command(workspace, items), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    reached = server.wait_for(target)
    try:
        process.wait(timeout=moment)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    return reached and process.returncode == -signal.SIGKILL


def snapshot(workspace: Workspace) -> tuple[set[str], set[str]]:
    """Recorded calls as the endpoint knows them, and entries of the ledger."""
    state = open_state(workspace)
    with state.snapshot() as connection:
        found: Any = connection.exec_driver_sql(
            "select key from effects where status = 'recorded' and key like 'label:%'"
        )
        keys = {idempotency_key(key) for key in found.scalars()}
    return keys, {entry.key for entry in read_entries(state)}
