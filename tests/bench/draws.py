"""A Pareto draw from many rows, against the bare scan that computes the same md5 over the same column."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import duckdb

from tests.bench.measure import run_child
from tests.bench.report import Measured

ROOT = Path(__file__).parents[2]
N = 10_000
IDS = {
    "integers close together": "range",
    "integers far apart, in no order": "(hash(range) >> 1)::bigint",
    "text, in no order": "md5(range::varchar)",
}
WHOLE_GOAL, MEMORY_GOAL_MB = 2.0, 1_000
_KEPT = "integers close together"  # the frame of the goal; the others are shown beside it


def measure_draws(folder: Path, *, rows: tuple[int, ...], rounds: int = 5) -> Iterator[Measured]:
    """Whole draws (checks, output, start of Python and all), and what follows the checks; both sides in turn."""
    for units in rows:
        for kind, id_ in IDS.items():
            if kind != _KEPT and units > 10_000_000:
                continue
            frame = build_frame(folder / "frame.parquet", units, id_)
            sides: dict[str, list[dict[str, float]]] = {"bare": [], "draw": []}
            for _ in range(rounds):
                for side, runs in sides.items():
                    runs.append(run_side(side, frame, folder))
            goal = WHOLE_GOAL if kind == _KEPT else None
            yield from report(f"{N:,} of {units:,}, {kind}", sides, goal)
            frame.unlink()


def report(what: str, sides: dict[str, list[dict[str, float]]], goal: float | None) -> Iterator[Measured]:
    """Ratios of wall time, with CPU beside them, and the draws' peak memory."""
    bare, draw = sides["bare"], sides["draw"]
    cpu = f"CPU {median(r['cpu'] for r in draw):.1f} s against {median(r['cpu'] for r in bare):.1f} s"
    for name, field, detail in (("whole command", "seconds", cpu), ("after the checks", "statement", "")):
        ratio = median(a[field] / b[field] for a, b in zip(draw, bare, strict=True))
        ours, theirs = (median(run[field] for run in side) for side in (draw, bare))
        shown = f"{ours:.1f} s against {theirs:.1f} s" + (f"; {detail}" if detail else "")
        yield Measured("Pareto draw / bare md5 scan", f"{what}: {name}", ratio, "x", goal, shown)
    peak = max(run["peak_mb"] for run in draw)
    yield Measured("Pareto draw / bare md5 scan", f"{what}: peak memory", peak, " MB", MEMORY_GOAL_MB)


def build_frame(path: Path, units: int, id_: str) -> Path:
    """A Parquet file of ids and a skewed score."""
    with duckdb.connect(":memory:", config={"memory_limit": "800MB"}) as connection:
        connection.execute(
            f"copy (select {id_} as id, ln(1e0 + (hash(range) % 1000003)::double / 1e3) + 1e-3 as score, "
            f"range % 7 as surface from range({units})) to '{path}'"
        )
    return path


def run_side(side: str, frame: Path, folder: Path) -> dict[str, float]:
    """One run in a process of its own: its seconds, CPU seconds and peak memory, and the seconds of the statement."""
    command = [sys.executable, "-m", "tests.bench.draws", side, str(frame), str(folder / "out.csv")]
    printed, used = run_child(command, folder=ROOT)
    found: dict[str, float] = json.loads(printed)
    return {**found, "cpu": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}


def main(side: str, frame: Path, out: Path) -> None:
    """What a child does."""
    import time

    begun = time.perf_counter()
    if side == "bare":
        with duckdb.connect(str(out.with_suffix(".duckdb")), config={"memory_limit": "800MB"}) as connection:
            start = time.perf_counter()
            connection.execute(f"select max(md5('phase1|7|' || id::varchar)) from read_parquet('{frame}')").fetchall()
            statement = time.perf_counter() - start
    else:
        from tools.sampling import ParetoPps, draw, open_file

        moments: dict[str, float] = {}
        with open_file(frame) as source:
            draw(
                source,
                ParetoPps(n=N, size="score"),
                id="id",
                seed=7,
                out=out,
                progress=lambda step, share: moments.__setitem__(step, time.perf_counter()),
            )
        statement = moments["Done"] - moments["Drawing"]
    print(json.dumps({"seconds": time.perf_counter() - begun, "statement": statement}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
