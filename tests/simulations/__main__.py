"""Coverage simulations: `python -m tests.simulations [--full | --replicates N] [--out FILE]`."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import time
from pathlib import Path

from tests.simulations.cells import read_cells
from tests.simulations.coverage import Result, run_cell
from tests.simulations.report import failed_cells, write_report

FULL = 10_000
SHORT = 200


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulations", description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} replicates a cell instead of {SHORT}")
    parser.add_argument("--replicates", type=int, default=SHORT, help="another number of them")
    parser.add_argument("--designs", nargs="+", metavar="NAME", help="cells of these designs only")
    parser.add_argument("--out", type=Path, help="write the report here; default: stdout")
    options = parser.parse_args()
    replicates = FULL if options.full else options.replicates
    commit, started = commit_of(), time.perf_counter()
    results: list[Result] = []
    for cell in (c for c in read_cells() if options.designs is None or c.design in options.designs):
        results.append(run_cell(cell, replicates=replicates))
        print(f"{cell.name}, {cell.prevalence:g}, {cell.n}: {results[-1].coverage:.4f}", file=sys.stderr)
    run = {
        "commit": commit,
        "command": shlex.join(["python", "-m", "tests.simulations", *_asked(options)]),
        "scale": f"{replicates:,} replicates a cell, {replicates / FULL:.0%} of the full scale",
        "seeds": f"0..{replicates - 1} in every cell",
        "duration": f"{time.perf_counter() - started:.0f} s on one core",
    }
    report = write_report(results, run=run)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(report, encoding="utf-8")
    else:
        print(report)
    failed = failed_cells(results)
    for where in failed:
        print(f"fails: {where}", file=sys.stderr)
    return 1 if failed else 0


def _asked(options: argparse.Namespace) -> list[str]:
    """What decides the page; where it is written does not."""
    size = ["--full"] if options.full else ["--replicates", f"{options.replicates}"]
    return size + (["--designs", *options.designs] if options.designs else [])


def commit_of() -> str:
    """The commit that is checked out."""
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
