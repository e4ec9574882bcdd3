"""What came of one wording of one case, and of all of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Cause = Literal[
    "as expected",
    "leaked",
    "acted",
    "wrong value",
    "answered instead",
    "asked instead",
    "declined instead",
    "wrong reason",
    "law broken",
    "choice not answered",
    "words missing",
    "error",
]

THRESHOLD = 0.95


@dataclass(frozen=True)
class Outcome:
    """One wording, asked once."""

    case: str
    workspace: str
    wording: str
    tags: tuple[str, ...]
    cause: Cause
    problems: tuple[str, ...]
    silent_wrong: bool
    kind: str
    headline: str
    seconds: float

    @property
    def passed(self) -> bool:
        return self.cause == "as expected"


@dataclass(frozen=True)
class Left:
    """A case that was not asked, and why."""

    case: str
    why: str


@dataclass(frozen=True)
class Report:
    """Every outcome, the cases whose SQL by hand is wrong, and those that could not be asked here."""

    outcomes: tuple[Outcome, ...]
    invalid: tuple[Left, ...] = ()
    skipped: tuple[Left, ...] = ()
    threshold: float = field(default=THRESHOLD)

    @property
    def share_as_expected(self) -> float | None:
        """Share of wordings as expected; None when none was asked."""
        return sum(o.passed for o in self.outcomes) / len(self.outcomes) if self.outcomes else None

    @property
    def silent_wrong(self) -> tuple[Outcome, ...]:
        return tuple(o for o in self.outcomes if o.silent_wrong)

    @property
    def leaked(self) -> tuple[Outcome, ...]:
        return tuple(o for o in self.outcomes if o.cause == "leaked")

    @property
    def acted(self) -> tuple[Outcome, ...]:
        return tuple(o for o in self.outcomes if o.cause == "acted")

    @property
    def failures(self) -> tuple[Outcome, ...]:
        return tuple(o for o in self.outcomes if not o.passed)

    @property
    def causes(self) -> dict[str, int]:
        """Failures by cause, most frequent first."""
        return dict(Counter(o.cause for o in self.failures).most_common())

    @property
    def verdict(self) -> Literal["pass", "fail", "no cases"]:
        if self.share_as_expected is None:
            return "no cases"
        bad = self.silent_wrong or self.leaked or self.acted or self.invalid or self.share_as_expected < self.threshold
        return "fail" if bad else "pass"

    @property
    def exit_code(self) -> int:
        """0: enough as expected; nothing silently wrong, leaked or done. 1: not so. 2: no case, or a wrong one."""
        return 2 if self.invalid else {"pass": 0, "fail": 1, "no cases": 2}[self.verdict]
