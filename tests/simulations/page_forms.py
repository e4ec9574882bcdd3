"""The two forms of an evidence page: rows in sections, or cells by prevalence and size beside a rival's width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tests.simulations.tally import Tally


@dataclass(frozen=True)
class Run:
    """What a page says of its run: `share` of the full scale, rows `done`, seconds of wall clock and CPU."""

    commit: str
    command: str
    replicates: int
    share: float
    done: int
    ended: bool
    wall: float
    cpu: float


class Form(Protocol):
    """`by_count`: a run's scale is told by its replicates, else by its share of the full scale."""

    @property
    def by_count(self) -> bool: ...

    def facts(self, run: Run) -> str: ...

    def head(self) -> str: ...

    def row(self, tally: Tally) -> str: ...


@dataclass(frozen=True)
class BySection:
    """Sections of situations and kinds of limits; misses are shares of the replicates with limits."""

    by_count: bool = False

    def facts(self, run: Run) -> str:
        return (
            f"- commit: {run.commit}\n- command: {run.command}\n- scale: {run.replicates:,} replicates a deciding cell,"
            f" {run.share:.0%} of the full scale{'' if run.ended else '; cut off before the last cell'}\n"
            "- seeds: 0..N-1 in every cell, fixed before the run\n"
            f"- duration: {run.wall:.0f} s, {run.cpu:.0f} s of CPU, one process\n"
        )

    def head(self) -> str:
        return _head(
            "situation",
            "limits",
            "replicates",
            "coverage % (99 % Monte Carlo)",
            "below / above %",
            "no limits %",
            "width",
            "verdict",
        )

    def row(self, tally: Tally) -> str:
        some = max(tally.answered, 1)
        return _row(
            tally.situation,
            tally.limits,
            f"{tally.replicates:,}",
            _coverage(tally),
            f"{100 * tally.below / some:.2f} / {100 * tally.above / some:.2f}",
            f"{100 * tally.none / max(tally.replicates, 1):.1f}",
            "" if tally.ratio is None else f"{tally.ratio:.3g}",
            _verdict(tally),
        )


@dataclass(frozen=True)
class ByCell:
    """One table of `cells` cells; misses are shares of all replicates, widths are over those of `rival`."""

    rival: str
    cells: int
    by_count: bool = True

    def facts(self, run: Run) -> str:
        return (
            f"- commit: {run.commit}\n- command: {run.command}\n- scale: {run.replicates:,} replicates a cell,"
            f" {run.share:.0%} of the full scale; {run.done} of {self.cells} cells\n"
            f"- seeds: 0..{run.replicates - 1} in every cell\n- duration: {run.wall:.0f} s on one core\n"
        )

    def head(self) -> str:
        return _head(
            "cell",
            "prevalence",
            "n",
            "positives expected",
            "coverage % (99 % Monte Carlo)",
            "below / above %",
            "declined %",
            f"width over {self.rival}",
            "note",
            "verdict",
        )

    def row(self, tally: Tally) -> str:
        whole = max(tally.replicates, 1)
        verdict = _verdict(tally) + (", mostly declined" if tally.mostly_declined else "")
        if tally.decides and tally.expected >= 20 and tally.monte_carlo[0] > 0.97:
            verdict += "; over 97 %"
        return _row(
            tally.situation,
            f"{tally.prevalence:g}",
            f"{tally.n:,}",
            f"{tally.expected:.3g}",
            _coverage(tally) if tally.answered else "-",
            f"{100 * tally.below / whole:.2f} / {100 * tally.above / whole:.2f}",
            f"{100 * tally.none / whole:.1f}",
            "-" if tally.ratio is None else f"{tally.ratio:.2f}",
            ", ".join(f"{what} {100 * k / whole:.0f} %" for what, k in sorted(tally.other.items())),
            verdict,
        )


def table(form: Form, rows: Sequence[Tally]) -> str:
    return form.head() + "".join(form.row(each) for each in rows)


def _head(*columns: str) -> str:
    return _row(*columns) + "|---" * len(columns) + "|\n"


def _row(*fields: str) -> str:
    return "| " + " | ".join(fields) + " |\n"


def _coverage(tally: Tally) -> str:
    low, high = tally.monte_carlo
    return f"{100 * tally.coverage:.2f} ({100 * low:.2f}-{100 * high:.2f})"


def _verdict(tally: Tally) -> str:
    return ("fail" if tally.failed else "pass") if tally.decides else "shown"
