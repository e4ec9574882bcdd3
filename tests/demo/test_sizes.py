"""The larger sizes: how long they take, how much memory, how many rows. `large` is built where BENCH=large."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

pytestmark = pytest.mark.soak

BUILD = """
import json, resource, sys
from pathlib import Path
from tools.demo import build_demo
report = build_demo(Path(sys.argv[1]), size=sys.argv[2])
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": report.seconds, "cpu": used.ru_utime + used.ru_stime, "rows": report.rows,
                  "peak_mb": used.ru_maxrss / 1024}))
"""
GOALS = {
    "medium": {"messages": 5_000_000, "seconds": 120, "peak_mb": 4096},
    "large": {"messages": 50_000_000, "seconds": 1200, "peak_mb": 4096},
}
SIZES = ("medium", "large") if os.environ.get("BENCH") == "large" else ("medium",)


@pytest.fixture(scope="module", params=SIZES)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, root: Path) -> dict[str, Any]:
    target = tmp_path_factory.mktemp("sizes") / request.param
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(target), request.param], cwd=root, capture_output=True, text=True, check=True
    )
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    size = sum(p.stat().st_size for p in target.rglob("*") if p.is_file())
    print(
        f"{request.param}: {measured['seconds']:.0f} s, {measured['cpu']:.0f} s of CPU, "
        f"{measured['peak_mb']:.0f} MB at most, {size / 2**20:.0f} MB of files"
    )
    return {**measured, "size": request.param, "folder": target}


def test_time_memory_and_rows(built: dict[str, Any]) -> None:
    goal = GOALS[built["size"]]
    assert built["rows"]["messages"] == pytest.approx(goal["messages"], rel=0.1)
    assert built["peak_mb"] < goal["peak_mb"]
    # On a machine that does other work the wall says little about the build; its own CPU time does.
    assert min(built["seconds"], built["cpu"]) < goal["seconds"]


def test_the_truth_holds_at_this_size(built: dict[str, Any]) -> None:
    truth = json.loads((built["folder"] / "data/truth.json").read_text(encoding="utf-8"))
    talks, actors = truth["violent_threats"]["conversations"], truth["violent_threats"]["actors"]
    assert talks["share"] == pytest.approx(3e-5, rel=0.05)
    assert actors["share"] == pytest.approx(1e-4, rel=0.1)
    with duckdb.connect(str(built["folder"] / "data/warehouse.duckdb"), read_only=True) as warehouse:
        frame, weights, talks_kept, twice = warehouse.execute(
            """select (select count(*) from messages where not is_test),
                      (select sum(weight) from labelled_messages),
                      (select sum(n_messages) from conversations),
                      (select count(*) - count(distinct message_id) from labelled_messages)"""
        ).fetchall()[0]
        true, flags = warehouse.execute(
            "select count(*) filter (where conversation_id in (select unnest(?))), count(*) from conversation_flags",
            [truth["violent_threats"]["violating_conversations"]],
        ).fetchall()[0]
    assert frame == truth["messages"]
    assert weights == pytest.approx(frame, rel=0.03)
    assert talks_kept == built["rows"]["messages"]
    assert twice == 0
    assert flags > 5 * true
