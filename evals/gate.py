"""The gate: a run against the baseline. Any wording from pass to fail blocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evals.ask import Ask
from evals.baseline import BASELINE, Baseline, make_baseline, read_baseline, suite_difference, write_baseline
from evals.case import Case, find_case, load_cases
from evals.identity import HELD_OUT, hash_wording, shown_name
from evals.outcome import Outcome, Report
from evals.paired import Difference, detectable_difference, pass_rate_difference
from evals.read_run import read_run
from evals.recipes import RECIPES, SHARED_DATA, read_recipes
from evals.runner import CASES, run
from tools.errors import InvalidInput

Verdict = Literal["pass", "block", "inconclusive"]

LARGEST_DETECTABLE = 0.05
"""A gate that could miss a drop of the pass rate larger than this says that it is inconclusive."""


@dataclass(frozen=True)
class Flip:
    """One wording worth naming. Of a held-out case only its hash is told."""

    case: str
    wording: str | None
    wording_hash: str
    cause: str
    problems: tuple[str, ...]
    silent_wrong: bool


@dataclass(frozen=True)
class Gate:
    """What came of a gate run.

    Attributes:
        blocked: wordings that passed in the baseline and fail now.
        new_failing: wordings that the baseline does not know, and that fail.
        fixed: wordings that failed in the baseline and pass now.
        mdd: least drop of the pass rate that this many cases can show; None when they can show none.
        cases: cases asked both times; `difference` is None without any.
        updated: the baseline was written anew from this run.
    """

    verdict: Verdict
    blocked: tuple[Flip, ...]
    new_failing: tuple[Flip, ...]
    fixed: tuple[Flip, ...]
    mdd: float | None
    cases: int
    difference: Difference | None
    report: Report
    updated: bool = False

    @property
    def exit_code(self) -> int:
        """0: pass or inconclusive; 1: block."""
        return int(self.verdict == "block")


def run_gate(
    paths: Iterable[Path] = (CASES,),
    *,
    baseline: Path = BASELINE,
    update: bool = False,
    results: Path | None = None,
    ask: Ask | None = None,
    cache: Path | None = None,
    data: Path = SHARED_DATA,
    recipes: Path = RECIPES,
    workspace: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Gate:
    """Ask every case of `paths` and compare with the baseline, or write a new one.

    Args:
        results: of a run made before, instead of asking again. Everything else as in `run`.

    Raises:
        InvalidWorkspace: a case file with faults, each with its line.
        InvalidInput: no cases; SQL by hand that is wrong; no baseline, or one of another suite.
    """
    paths = tuple(paths)
    cases, known = load_cases(paths), read_recipes(recipes)
    if not cases:
        raise _no_cases("There are no cases here.", paths)
    former = _former(baseline) if update else read_baseline(baseline)
    if not update and former is not None and (problems := suite_difference(former, cases, known)):
        raise _another_suite(problems, baseline)
    if results is not None:
        report = read_run(results, cases, known)
    else:
        report = run(paths, ask=ask, cache=cache, data=data, recipes=recipes, workspace=workspace, progress=progress)
    if report.invalid:
        lines = "\n".join(f"{find_case(left.case, paths)}: {left.case}: {left.why}" for left in report.invalid)
        raise InvalidInput(
            f"Cases that are wrong in themselves:\n{lines}", code="invalid_case", value=report.invalid[0].case
        )
    if not report.outcomes:
        raise _no_cases("No case could be asked: " + "; ".join(dict.fromkeys(s.why for s in report.skipped)), paths)
    if update or former is None:
        former = make_baseline(report, cases, known, former=former)
        write_baseline(former, baseline)
        return judge(report, cases, former, updated=True)
    return judge(report, cases, former)


def judge(report: Report, cases: Iterable[Case], baseline: Baseline, *, updated: bool = False) -> Gate:
    """The verdict on a run. A case counts as one observation: it passes when all its wordings known to both do."""
    blocked, new_failing, fixed = [], [], []
    before: dict[str, bool] = defaultdict(lambda: True)
    after: dict[str, bool] = defaultdict(lambda: True)
    for outcome in report.outcomes:
        name = shown_name(outcome.case, outcome.tags)
        kept = baseline.cases.get(name)
        passed = kept.wordings.get(hash_wording(outcome.wording)) if kept else None
        if passed is None:
            if not outcome.passed:
                new_failing.append(_flip(outcome))
            continue
        before[name] &= passed
        after[name] &= outcome.passed
        if passed and not outcome.passed:
            blocked.append(_flip(outcome))
        if outcome.passed and not passed:
            fixed.append(_flip(outcome))
    n = len(before)
    broken_cases = sum(before[name] and not after[name] for name in before)
    fixed_cases = sum(after[name] and not before[name] for name in before)
    mdd = detectable_difference(n, fixed=fixed_cases)
    blind = mdd is None or mdd > LARGEST_DETECTABLE
    return Gate(
        verdict="block" if blocked else "inconclusive" if blind else "pass",
        blocked=tuple(blocked),
        new_failing=tuple(new_failing),
        fixed=tuple(fixed),
        mdd=mdd,
        cases=n,
        difference=pass_rate_difference(n, broken=broken_cases, fixed=fixed_cases) if n else None,
        report=report,
        updated=updated,
    )


def _former(baseline: Path) -> Baseline | None:
    """The baseline that an update replaces, where there is a sound one."""
    try:
        return read_baseline(baseline)
    except InvalidInput:
        return None


def _flip(outcome: Outcome) -> Flip:
    hidden = HELD_OUT in outcome.tags
    return Flip(
        case=shown_name(outcome.case, outcome.tags),
        wording=None if hidden else outcome.wording,
        wording_hash=hash_wording(outcome.wording),
        cause=outcome.cause,
        problems=() if hidden else outcome.problems,
        silent_wrong=outcome.silent_wrong,
    )


def _no_cases(message: str, paths: Iterable[Path]) -> InvalidInput:
    return InvalidInput(
        message,
        code="no_cases",
        value=", ".join(p.name for p in paths),
        hint="Name case files, or folders that hold *.yml.",
    )


def _another_suite(problems: list[str], baseline: Path) -> InvalidInput:
    listed = "\n".join(f"- {problem}" for problem in problems[:40])
    more = f"\n- and {len(problems) - 40} more" if len(problems) > 40 else ""
    return InvalidInput(
        f"The baseline {baseline.name} is of another suite:\n{listed}{more}",
        code="another_suite",
        value=baseline.name,
        hint="If the change of the suite is meant, accept it with `transect eval gate --update-baseline`; "
        "for cases of your own, name their own file with --baseline.",
    )
