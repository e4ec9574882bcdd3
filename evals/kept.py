"""The kept half of a run: cases that were written first, and that nobody builds towards, counted apart."""

from __future__ import annotations

from dataclasses import dataclass

from evals.outcome import Outcome, Report

KEPT = "kept"
LEVEL = 0.95


@dataclass(frozen=True)
class Kept:
    """Counts of kept cases; wordings of one case rise and fall together, so that a case counts once for the limit.

    Attributes:
        cases, wordings: how many were asked.
        wordings_as_expected, cases_as_expected: of these; a case when all its wordings are.
        silent_wrong: cases with at least one wording whose number was wrong and given as right.
        silent_wrong_upper: upper 95 % limit of the share of such cases among all that could be asked, 0..1.
    """

    cases: int
    cases_as_expected: int
    wordings: int
    wordings_as_expected: int
    silent_wrong: int
    silent_wrong_upper: float

    @property
    def share_as_expected(self) -> float:
        """Share of wordings as expected, 0..1."""
        return self.wordings_as_expected / self.wordings


def judge_kept(report: Report) -> Kept | None:
    """The kept cases of a run; None when none was asked."""
    cases: dict[str, list[Outcome]] = {}
    for outcome in report.outcomes:
        if KEPT in outcome.tags:
            cases.setdefault(outcome.case, []).append(outcome)
    if not cases:
        return None
    wrong = sum(any(o.silent_wrong for o in mine) for mine in cases.values())
    return Kept(
        cases=len(cases),
        cases_as_expected=sum(all(o.passed for o in mine) for mine in cases.values()),
        wordings=sum(len(mine) for mine in cases.values()),
        wordings_as_expected=sum(o.passed for mine in cases.values() for o in mine),
        silent_wrong=wrong,
        silent_wrong_upper=upper_limit(wrong, len(cases)),
    )


def upper_limit(found: int, n: int, *, level: float = LEVEL) -> float:
    """One-sided exact upper limit of a share of which `found` of `n` were seen: P(Bin(n, limit) <= found) = 1 - level.

    With none found it is 1 - (1 - level)^(1/n): 2.0 % with 150 cases. Source: Clopper and Pearson (1934), Biometrika.
    """
    from scipy.stats import beta  # type: ignore[import-untyped]  # start-up

    return 1.0 if found >= n else float(beta.ppf(level, found + 1, n - found))


def kept_to_json(kept: Kept | None) -> dict[str, float] | None:
    """The counts as JSON; null when no kept case was asked."""
    if kept is None:
        return None
    return {
        "cases": kept.cases,
        "cases_as_expected": kept.cases_as_expected,
        "wordings": kept.wordings,
        "wordings_as_expected": kept.wordings_as_expected,
        "share_as_expected": kept.share_as_expected,
        "silent_wrong": kept.silent_wrong,
        "silent_wrong_upper": kept.silent_wrong_upper,
    }


def kept_to_text(kept: Kept) -> str:
    """One line for a report."""
    return (
        f"**Kept half**: {kept.wordings_as_expected} of {kept.wordings} wordings as expected "
        f"({kept.share_as_expected:.1%}), {kept.cases_as_expected} of {kept.cases} cases in every wording; "
        f"{kept.silent_wrong} cases silently wrong, upper {LEVEL:.0%} limit {kept.silent_wrong_upper:.2%}."
    )
