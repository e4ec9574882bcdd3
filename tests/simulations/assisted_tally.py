"""Counts of intervals that hold the truth, as a table: what the studies of assisted and corrected shares share."""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.simulations.__main__ import commit_of
from tools.estimation.intervals import wilson

FULL, SHORT, FLOOR = 10_000, 200, 0.94

HEAD = (
    "| cell | prevalence | n | positives expected | coverage % (99 % Monte Carlo) | below / above % | declined % |"
    " width over {rival} | note | verdict |\n" + "|---" * 10 + "|\n"
)


@dataclass
class Tally:
    """One cell, filled replicate by replicate.

    Attributes:
        decides: whether the cell must pass. width, rival: sums, over replicates where both are known.
        other: how often something else happened, for the note.
    """

    cell: str
    prevalence: float
    n: int
    expected: float
    decides: bool = True
    replicates: int = 0
    covered: int = 0
    below: int = 0
    above: int = 0
    declined: int = 0
    width: float = 0.0
    rival: float = 0.0
    other: dict[str, int] = field(default_factory=dict)

    def add(self, low: float, high: float, truth: float, *, rival: float = math.nan) -> None:
        """An interval; `rival` is the width of the one beside it."""
        self.replicates += 1
        self.covered += low <= truth <= high
        self.below += high < truth
        self.above += low > truth
        if not math.isnan(rival):
            self.width += high - low
            self.rival += rival

    def decline(self) -> None:
        """A replicate without an interval."""
        self.replicates += 1
        self.declined += 1

    def count(self, what: str) -> None:
        self.other[what] = self.other.get(what, 0) + 1

    @property
    def answered(self) -> int:
        return self.replicates - self.declined

    @property
    def limits(self) -> tuple[float, float]:
        """99 % Wilson limits of the coverage of those that were answered."""
        if not self.answered:
            return 0.0, 1.0
        found = wilson(self.covered / self.answered, self.answered, level=0.99)
        return found.low, found.high

    @property
    def mostly_declined(self) -> bool:
        return 2 * self.declined > self.replicates

    @property
    def failed(self) -> bool:
        """Of mostly declined replicates those answered are selected: judged by wrong intervals among all."""
        held = self.limits[1]
        if self.mostly_declined:
            held = wilson(1 - (self.below + self.above) / self.replicates, self.replicates, level=0.99).high
        return self.decides and held < FLOOR

    @property
    def ratio(self) -> float:
        return self.width / self.rival if self.rival else math.nan

    def row(self) -> str:
        low, high = self.limits
        whole = max(self.replicates, 1)
        coverage = (
            f"{100 * self.covered / self.answered:.2f} ({100 * low:.2f}-{100 * high:.2f})" if self.answered else "-"
        )
        note = ", ".join(f"{what} {100 * k / whole:.0f} %" for what, k in sorted(self.other.items()))
        verdict = "fail" if self.failed else "pass" if self.decides else "shown"
        verdict = f"{verdict}, mostly declined" if self.mostly_declined else verdict
        if self.decides and self.expected >= 20 and low > 0.97:
            verdict += "; over 97 %"
        ratio = "-" if math.isnan(self.ratio) else f"{self.ratio:.2f}"
        return (
            f"| {self.cell} | {self.prevalence:g} | {self.n:,} | {self.expected:.3g} | {coverage} |"
            f" {100 * self.below / whole:.2f} / {100 * self.above / whole:.2f} | {100 * self.declined / whole:.1f} |"
            f" {ratio} | {note} | {verdict} |\n"
        )


def run_study(
    module: str,
    cells: Sequence[Callable[[int], Tally]],
    *,
    title: str,
    reading: str,
    rival: str,
    arguments: Sequence[str] | None = None,
) -> int:
    """The command line of one study: every cell, the page written anew after each; 1 when a cell fails."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=title)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} replicates a cell instead of {SHORT}")
    parser.add_argument("--replicates", type=int, help="another number of replicates a cell")
    parser.add_argument("--out", type=Path, help="write the report here; default: stdout")
    options = parser.parse_args(arguments)
    replicates = options.replicates or (FULL if options.full else SHORT)
    begun, commit, done = time.perf_counter(), commit_of(), list[Tally]()
    page = ""
    for cell in cells:
        done.append(cell(replicates))
        print(done[-1].row().strip(), file=sys.stderr, flush=True)
        said = " --full" if replicates == FULL else f" --replicates {replicates}"
        page = (
            f"# {title}\n\n- commit: {commit}\n- command: python -m {module}{said}\n"
            f"- scale: {replicates:,} replicates a cell, {replicates / FULL:.0%} of the full scale; {len(done)} of"
            f" {len(cells)} cells\n- seeds: 0..{replicates - 1} in every cell\n"
            f"- duration: {time.perf_counter() - begun:.0f} s on one core\n\n{reading}\n\n"
            f"{HEAD.format(rival=rival)}{''.join(t.row() for t in done)}"
        )
        if options.out:
            options.out.parent.mkdir(parents=True, exist_ok=True)
            options.out.write_text(page, encoding="utf-8")
    if not options.out:
        print(page)
    return 1 if any(t.failed for t in done) else 0
