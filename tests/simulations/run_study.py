"""The command line of one coverage study, and its page, written anew after each row."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.simulations.__main__ import commit_of
from tests.simulations.page_forms import Form, Run, table
from tests.simulations.tally import Tally

FULL = 10_000


def run_study(
    module: str,
    title: str,
    reading: str,
    tallies: Callable[[float], Iterator[tuple[str, Tally]]],
    *,
    form: Form,
    share: float,
    full: int = FULL,
    after: Callable[[float], str] | None = None,
    arguments: Sequence[str] | None = None,
) -> int:
    """`python -m tests.simulations.<module> [--full] [--out FILE]`; 1 when a row that decides fails.

    Args:
        tallies: of a share of the full scale, the rows, each with its section's name ("" where there is none).
        full: replicates of a deciding cell at full scale. share: of it, by default.
        after: what follows the tables.
    """
    options = _read(module, title, full, share, arguments)
    scale = 1.0 if options.full else options.replicates / full if options.replicates else options.scale
    replicates = round(full * scale)
    told = " --full" if scale == 1 else f" --replicates {replicates}" if form.by_count else f" --scale {scale:g}"
    command, commit = f"python -m tests.simulations.{module}{told}", commit_of()
    started, spent = time.perf_counter(), time.process_time()
    sections: dict[str, list[Tally]] = {}

    def write(extra: str, *, ended: bool) -> str:
        wall, cpu = time.perf_counter() - started, time.process_time() - spent
        run = Run(commit, command, replicates, scale, sum(map(len, sections.values())), ended, wall, cpu)
        parts = [f"# {title}\n\n{form.facts(run)}\n{reading}\n"]
        parts += [(f"\n## {name}\n\n" if name else "\n") + table(form, rows) for name, rows in sections.items()]
        text = "".join([*parts, extra])
        if options.out:
            options.out.parent.mkdir(parents=True, exist_ok=True)
            options.out.write_text(text, encoding="utf-8")
        return text

    for section, found in tallies(scale):
        sections.setdefault(section, []).append(found)
        print(form.row(found).strip(), file=sys.stderr, flush=True)
        write("", ended=False)  # what is done stays if the run is stopped
    text = write(after(scale) if after is not None else "", ended=True)
    if not options.out:
        print(text)
    failed = [row for rows in sections.values() for row in rows if row.decides and row.failed]
    for row in failed:
        print(f"fails: {form.row(row).strip()}", file=sys.stderr)
    return 1 if failed else 0


def each_cell(
    cells: Sequence[Callable[[int], Tally]], *, full: int = FULL
) -> Callable[[float], Iterator[tuple[str, Tally]]]:
    """Cells that all take the same number of replicates, in one table."""

    def tallies(scale: float) -> Iterator[tuple[str, Tally]]:
        for cell in cells:
            yield "", cell(round(full * scale))

    return tallies


def _read(module: str, title: str, full: int, share: float, arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m tests.simulations.{module}", description=title)
    parser.add_argument("--full", action="store_true", help=f"{full:,} replicates a deciding cell")
    parser.add_argument("--scale", type=float, default=share, help=f"share of that; default: {share:g}")
    parser.add_argument("--replicates", type=int, help="the same, as a number")
    parser.add_argument("--out", type=Path, help="write the report here; default: stdout")
    return parser.parse_args(arguments)
