"""An estimate from files of 10^5, 10^6 and 10^7 rows: seconds and memory, by row."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import duckdb

from tests.bench.measure import run_child
from tests.bench.report import Measured

ROOT = Path(__file__).parents[2]
SIZES = (100_000, 1_000_000, 10_000_000)
IDLE = 1_000  # rows that cost nothing beside the start
LINEAR = 1.25  # of the row's cost at a tenth of the rows


def measure_estimates(folder: Path, *, rounds: int = 3) -> Iterator[Measured]:
    """Whole estimates, each a process of its own; what the start costs is taken off."""
    part = "an estimate from a file: strata, clusters, weights"
    files = {rows: build_rows(folder / f"{rows}.parquet", rows) for rows in (IDLE, *SIZES)}
    runs = {rows: run_often(path, files[IDLE], rounds) for rows, path in files.items()}
    base = runs.pop(IDLE)
    costs = {
        rows: tuple((mine - idle) / rows for mine, idle in zip(run, base, strict=True)) for rows, run in runs.items()
    }
    for rows, (seconds, peak) in runs.items():
        by_row = f"{costs[rows][0] * 1e9:.0f} ns and {costs[rows][1] * 2**20:.0f} bytes a row"
        detail = f"{peak:,.0f} MB; beyond the start {by_row}"
        yield Measured(part, f"{rows:,} rows", seconds, " s", None, detail)
    for place, (what, sizes) in enumerate((("CPU seconds", SIZES[1:]), ("peak memory", SIZES))):
        for fewer, more in pairwise(sizes):
            ratio = costs[more][place] / costs[fewer][place] if costs[fewer][place] > 0 else math.inf
            yield Measured(part, f"{what} a row, {more:,} rows over {fewer:,}", ratio, "x", LINEAR)


def run_often(path: Path, idle: Path, rounds: int) -> tuple[float, float]:
    """Least CPU seconds and peak MB: what else the machine does only adds."""
    runs = [run_estimate(path, idle) for _ in range(rounds)]
    return min(seconds for seconds, _ in runs), min(peak for _, peak in runs)


def build_rows(path: Path, rows: int) -> Path:
    """20 strata, clusters of about 200 rows, unequal weights, one row in a hundred positive."""
    clusters = max(rows // 200, 200)
    with duckdb.connect(":memory:", config={"memory_limit": "800MB"}) as connection:
        connection.execute(
            f"copy (select hash(range, 1) % {clusters} as cluster, (hash(range, 1) % {clusters}) % 20 as stratum, "
            f"1e0 + (hash(range, 2) % 1000)::double / 1e3 as weight, (hash(range, 3) % 100 = 0)::integer as label "
            f"from range({rows})) to '{path}'"
        )
    return path


def run_estimate(path: Path, idle: Path) -> tuple[float, float]:
    """CPU seconds and peak MB of one estimate in a process of its own, which has made a small one before."""
    command = [sys.executable, "-m", "tests.bench.estimates", str(path), str(idle)]
    printed, used = run_child(command, folder=ROOT)
    return float(printed), used.ru_maxrss / 1024


def main(path: Path, idle: Path) -> None:
    """What a child does."""
    from tools.estimation.file import EstimateRequest, estimate_file

    request = EstimateRequest(
        statistic="proportion", column="label", weights="weight", strata="stratum", clusters=("cluster",)
    )
    estimate_file(idle, request)
    begun = time.process_time()
    found = estimate_file(path, request)
    if found.figures[0].value is None:
        raise SystemExit(str(found.figures[0].undefined))
    print(time.process_time() - begun)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
