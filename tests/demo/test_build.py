"""Building: the same seed gives the same tables, and nothing half-built is ever in place."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tools.demo import DemoReport, build_demo
from tools.errors import InvalidInput

STEPS = ("accounts", "messages", "moderation", "labels", "networks", "truth")

KILLED_BUILD = """
import os, signal, sys
from pathlib import Path
from tools.demo import build_demo
def report(step, share):
    if step == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
build_demo(Path(sys.argv[1]), progress=report)
"""


def _content(database: Path) -> dict[str, tuple[int, int]]:
    """A hash of the rows of each table, whatever their order."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
        assert tables
        found: dict[str, tuple[int, int]] = {}
        for table in tables:
            (row,) = connection.execute(f"select bit_xor(md5_number(t::varchar)), count(*) from {table} t").fetchall()
            found[table] = row
        return found


@dataclass(frozen=True)
class Second:
    """A second build with the seed of the first, into an empty directory beside which a killed build left its files."""

    report: DemoReport
    cpu_seconds: float
    inode: int
    steps: list[tuple[str, float]]
    killed: int
    leftovers: list[str]


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Second:
    parent = tmp_path_factory.mktemp("second")
    target = parent / "demo"
    killed = subprocess.run([sys.executable, "-c", KILLED_BUILD, str(target), "messages"], cwd=root, check=False)
    leftovers = [p.name for p in parent.iterdir()]
    target.mkdir()
    inode = target.stat().st_ino
    steps: list[tuple[str, float]] = []
    begun = time.process_time()
    report = build_demo(target, progress=lambda step, share: steps.append((step, share)))
    cpu_seconds = time.process_time() - begun
    return Second(
        report=report, cpu_seconds=cpu_seconds, inode=inode, steps=steps, killed=killed.returncode, leftovers=leftovers
    )


def test_the_same_seed_gives_the_same_tables(demo: DemoReport, second: Second) -> None:
    for database in ("data/warehouse.duckdb", "data/content.duckdb"):
        assert _content(demo.directory / database) == _content(second.report.directory / database)
    assert demo.truth.read_bytes() == second.report.truth.read_bytes()


def test_another_seed_gives_other_tables(demo: DemoReport, other_seed: DemoReport) -> None:
    same = _content(demo.directory / "data/warehouse.duckdb")
    other = _content(other_seed.directory / "data/warehouse.duckdb")
    assert not [table for table in same if same[table] == other[table]]


def test_small_is_about_two_hundred_thousand_messages_and_quick(demo: DemoReport, second: Second) -> None:
    assert 180_000 < demo.rows["messages"] < 220_000
    # On a machine that does other work the wall says little about the build; its own CPU time does.
    assert min(demo.seconds, second.cpu_seconds) < 20


def test_report_counts_what_is_in_the_warehouse(demo: DemoReport, warehouse: duckdb.DuckDBPyConnection) -> None:
    names = [name for (name,) in warehouse.execute("select table_name from duckdb_tables()").fetchall()]
    found = {name: warehouse.execute(f"select count(*) from {name}").fetchall()[0][0] for name in names}
    assert found == demo.rows


def test_nothing_is_left_beside_the_workspace(demo: DemoReport) -> None:
    assert [p.name for p in demo.directory.parent.iterdir()] == [demo.directory.name]
    assert sorted(p.name for p in (demo.directory / "data").iterdir()) == [
        "content.duckdb",
        "expert_labels.csv",
        "truth.json",
        "warehouse.duckdb",
    ]


def test_progress_rises_to_one(second: Second) -> None:
    shares = [share for _, share in second.steps]
    assert tuple(step for step, _ in second.steps) == (*STEPS, "done")
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("step", ["accounts", "networks", "truth"])
def test_a_kill_leaves_nothing_that_looks_like_a_workspace(step: str, tmp_path: Path, root: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED_BUILD, str(tmp_path / "demo"), step], cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "demo").exists()
    assert not list(tmp_path.rglob("transect.toml"))


def test_the_next_build_clears_what_a_kill_left(second: Second) -> None:
    assert second.killed == -signal.SIGKILL
    assert len(second.leftovers) == 1
    assert [p.name for p in second.report.directory.parent.iterdir()] == ["demo"]


def test_an_empty_directory_is_filled_in_place(second: Second) -> None:
    assert second.report.directory.stat().st_ino == second.inode
    assert (second.report.directory / "transect.toml").is_file()


def test_a_directory_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InvalidInput, match="not empty") as refused:
        build_demo(tmp_path)
    assert refused.value.code == "invalid_input"
    assert refused.value.hint
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_a_demo_from_before_is_refused_with_the_way_to_remove_it(demo: DemoReport) -> None:
    with pytest.raises(InvalidInput, match="already holds a demo") as refused:
        build_demo(demo.directory)
    assert refused.value.code == "demo_exists"
    assert f"rm -r {demo.directory}" in refused.value.hint


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("")
    with pytest.raises(InvalidInput, match="is a file"):
        build_demo(tmp_path / "demo")
    with pytest.raises(InvalidInput, match="Nothing can be written"):
        build_demo(tmp_path / "demo" / "below")


def test_unknown_sizes_and_seeds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        build_demo(tmp_path / "demo", size="huge")
    assert set(refused.value.allowed) == {"small", "medium", "large"}
    with pytest.raises(InvalidInput, match="seed"):
        build_demo(tmp_path / "demo", seed=-1)
    assert not list(tmp_path.iterdir())


def test_importing_the_demo_is_cheap(root: Path) -> None:
    code = "import sys, tools.demo; print([m for m in ('numpy', 'duckdb') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
