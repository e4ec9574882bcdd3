"""Two result files side by side: what broke, what was mended, and whether the difference is more than chance."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from evals.paired import Difference, detectable_difference, pass_rate_difference, worse_p_value
from evals.result_file import Results
from tools.errors import InvalidInput


@dataclass(frozen=True)
class Comparison:
    """The new results against the old ones, over the wordings that both hold.

    Attributes:
        n: cases in both; a case passes when all its shared wordings do.
        difference: new pass rate of cases minus the old one, with its interval.
        p_worse: one-sided exact McNemar probability of so many broken cases by chance.
        mdd: least drop of the pass rate that n cases can show.
        broken, fixed: wordings as (case, wording hash).
        only_old, only_new: wordings that one file alone holds.
    """

    old: str
    new: str
    n: int
    passed_old: int
    passed_new: int
    difference: Difference
    p_worse: float
    mdd: float | None
    broken: tuple[tuple[str, str], ...]
    fixed: tuple[tuple[str, str], ...]
    only_old: int
    only_new: int


def compare_results(old: Results, new: Results) -> Comparison:
    """Compare two runs. Raises InvalidInput when they share no wording."""
    shared = sorted(old.passed.keys() & new.passed.keys())
    if not shared:
        raise InvalidInput(f"{old.name} and {new.name} share no wording.", hint="Compare runs of one suite.")
    before, after = _by_case(old, shared), _by_case(new, shared)
    broken_cases = sum(before[case] and not after[case] for case in before)
    fixed_cases = sum(after[case] and not before[case] for case in before)
    return Comparison(
        old=old.name,
        new=new.name,
        n=len(before),
        passed_old=sum(before.values()),
        passed_new=sum(after.values()),
        difference=pass_rate_difference(len(before), broken=broken_cases, fixed=fixed_cases),
        p_worse=worse_p_value(broken_cases, fixed_cases),
        mdd=detectable_difference(len(before), fixed=fixed_cases),
        broken=tuple(key for key in shared if old.passed[key] and not new.passed[key]),
        fixed=tuple(key for key in shared if new.passed[key] and not old.passed[key]),
        only_old=len(old.passed) - len(shared),
        only_new=len(new.passed) - len(shared),
    )


def comparison_to_markdown(found: Comparison) -> str:
    """A page for people."""
    d = found.difference
    lines = [
        f"# {found.new} against {found.old}",
        "",
        f"{found.n} cases in both: {found.passed_old} passed before, {found.passed_new} pass now; "
        f"pass rate {d.value:+.1%} ({d.level:.0%} interval {d.low:+.1%} to {d.high:+.1%}).",
        f"Worse by chance: p = {found.p_worse:.3g} (one-sided exact McNemar). Minimum detectable drop: "
        + ("none." if found.mdd is None else f"{found.mdd:.1%}."),
        f"Wordings in one file only: {found.only_old} old, {found.only_new} new.",
    ]
    for title, keys in (("Broken", found.broken), ("Mended", found.fixed)):
        if keys:
            lines += [
                "",
                f"## {title} ({len(keys)})",
                "",
                *(f"- `{case}`, wording {wording}" for case, wording in keys),
            ]
    return "\n".join(lines) + "\n"


def _by_case(results: Results, shared: list[tuple[str, str]]) -> dict[str, bool]:
    passed: dict[str, bool] = defaultdict(lambda: True)
    for key in shared:
        passed[key[0]] &= results.passed[key]
    return passed
