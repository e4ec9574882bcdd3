"""How often limits held the truth: one row of a coverage table, and the report of many."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.simulations.__main__ import commit_of
from tools.estimation.intervals import wilson

FLOOR = 0.94
HEAD = (
    "| situation | limits | replicates | coverage % (99 % Monte Carlo) | below / above % | no limits % | width |"
    " verdict |\n" + "|---" * 8 + "|\n"
)


@dataclass(frozen=True)
class Tally:
    """What `replicates` samples gave.

    Attributes:
        situation, limits: of what. decides: False where it shows what happens outside the assumptions.
        covered, below, above: limits that hold, lie below, lie above the truth. none: without limits (declined,
            or a bound instead). width: mean width, over what `note` says, None without.
        floor: what the share covered of those with limits must not lie wholly under.
    """

    situation: str
    limits: str
    replicates: int
    covered: int
    below: int
    above: int
    none: int = 0
    width: float | None = None
    decides: bool = True
    floor: float = FLOOR

    @property
    def with_limits(self) -> int:
        return self.covered + self.below + self.above

    @property
    def monte_carlo(self) -> tuple[float, float]:
        """99 % Wilson limits of the coverage among samples with limits."""
        if not self.with_limits:
            return 0.0, 1.0
        found = wilson(self.covered / self.with_limits, self.with_limits, level=0.99)
        return found.low, found.high

    @property
    def failed(self) -> bool:
        return self.monte_carlo[1] < self.floor


class Counter:
    """Counts one kind of limits over replicates."""

    def __init__(self) -> None:
        self.covered = self.below = self.above = self.none = 0
        self._widths: list[float] = []

    def add(self, low: float | None, high: float | None, truth: float, *, scale: float = 1.0) -> None:
        if low is None or high is None:
            self.none += 1
            return
        self.covered += low <= truth <= high
        self.below += high < truth
        self.above += low > truth
        self._widths.append((high - low) / scale)

    def tally(self, situation: str, limits: str, *, decides: bool = True) -> Tally:
        done = self.covered + self.below + self.above + self.none
        width = sum(self._widths) / len(self._widths) if self._widths else None
        return Tally(situation, limits, done, self.covered, self.below, self.above, self.none, width, decides)


def table(rows: Sequence[Tally]) -> str:
    return HEAD + "".join(_row(row) for row in rows)


def _row(r: Tally) -> str:
    low, high = r.monte_carlo
    some = max(r.with_limits, 1)
    width = "" if r.width is None else f"{r.width:.3g}"
    verdict = ("fail" if r.failed else "pass") if r.decides else "shown"
    coverage = f"{100 * r.covered / some:.2f} ({100 * low:.2f}-{100 * high:.2f})"
    misses = f"{100 * r.below / some:.2f} / {100 * r.above / some:.2f}"
    none = f"{100 * r.none / r.replicates:.1f}"
    parts = (r.situation, r.limits, f"{r.replicates:,}", coverage, misses, none, width, verdict)
    return "| " + " | ".join(parts) + " |\n"


def run_study(
    module: str,
    title: str,
    reading: str,
    tallies: Callable[[float], Iterator[tuple[str, Tally]]],
    *,
    full: int,
    share: float,
    after: Callable[[float], str] | None = None,
) -> int:
    """`python -m tests.simulations.<module> [--full] [--out FILE]`: sections of tallies, then what `after` writes."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.simulations.{module}")
    parser.add_argument("--full", action="store_true", help=f"{full:,} replicates a deciding cell")
    parser.add_argument("--out", type=Path, help="write the report here; default: stdout")
    parser.add_argument("--scale", type=float, default=share, help=f"share of that; default: {share:g}")
    options = parser.parse_args()
    scale = 1.0 if options.full else options.scale
    commit, started, spent = commit_of(), time.perf_counter(), time.process_time()
    command = f"python -m tests.simulations.{module}{' --full' if options.full else f' --scale {scale:g}'}"
    sections: dict[str, list[Tally]] = {}

    def write(extra: str, ended: str) -> str:
        wall, cpu = time.perf_counter() - started, time.process_time() - spent
        head = (
            f"# {title}\n\n- commit: {commit}\n- command: {command}\n- scale: {full * scale:,.0f} replicates a deciding"
            f" cell, {scale:.0%} of the full scale{ended}\n- seeds: 0..N-1 in every cell, fixed before the run\n"
            f"- duration: {wall:.0f} s, {cpu:.0f} s of CPU, one process\n\n{reading}\n"
        )
        text = head + "".join(f"\n## {name}\n\n{table(rows)}" for name, rows in sections.items()) + extra
        if options.out:
            options.out.write_text(text, encoding="utf-8")
        return text

    for section, found in tallies(scale):
        sections.setdefault(section, []).append(found)
        print(f"{found.situation}, {found.limits}: {found.covered / max(found.with_limits, 1):.4f}", file=sys.stderr)
        write("", "; cut off before the last cell")  # what is done stays if the run is stopped
    text = write(after(scale) if after is not None else "", "")
    if not options.out:
        print(text)
    failed = [row for rows in sections.values() for row in rows if row.decides and row.failed]
    for row in failed:
        print(f"fails: {row.situation}, {row.limits}", file=sys.stderr)
    return 1 if failed else 0
