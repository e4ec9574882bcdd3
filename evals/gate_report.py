"""A gate's outcome for people (Markdown) and for machines (JSON)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from evals.gate import LARGEST_DETECTABLE, Flip, Gate
from evals.summary import suites_of
from tools.reporting.table_cell import table_cell


def gate_to_json(gate: Gate) -> dict[str, Any]:
    """The `eval gate` document."""
    return {
        "verdict": gate.verdict,
        "blocked": [_flip(flip) for flip in gate.blocked],
        "mdd": gate.mdd,
        "suites": suites_of(gate.report),
        "new_failing": [_flip(flip) for flip in gate.new_failing],
        "fixed": [_flip(flip) for flip in gate.fixed],
        "cases_compared": gate.cases,
        "difference": gate.difference,
        "skipped": [{"case": left.case, "why": left.why} for left in gate.report.skipped],
        "baseline_updated": gate.updated,
    }


def gate_to_markdown(gate: Gate) -> str:
    """A page: the verdict, what blocks, what is new and fails, what was mended, and the counts by workspace."""
    n, good = len(gate.report.outcomes), sum(o.passed for o in gate.report.outcomes)
    lines = ["# Eval gate", "", f"**{gate.verdict}**: {good} of {n} wordings as expected. {_comparison(gate)}"]
    lines += _listed("Blocked: passed before, fails now", gate.blocked)
    lines += _listed("New and failing (does not block)", gate.new_failing)
    lines += _listed("Mended: failed before, passes now", gate.fixed)
    lines += ["", "| workspace | wordings | passed | failed |", "|---|---|---|---|"]
    lines += [f"| {table_cell(s['name'])} | {s['n']} | {s['passed']} | {s['failed']} |" for s in suites_of(gate.report)]
    if gate.report.skipped:
        lines += ["", f"Not asked here: {len(gate.report.skipped)} cases, because their data is not on this machine."]
    return "\n".join(lines) + "\n"


def warnings_of(gate: Gate) -> list[str]:
    """What a person must hear although the exit code is 0."""
    said = []
    if gate.verdict == "inconclusive":
        able = "no drop at all" if gate.mdd is None else f"no drop below {gate.mdd:.1%}"
        said.append(
            f"inconclusive: nothing got worse, but {_count(gate.cases)} compared can show {able} of the pass rate "
            f"(at 80 % power; {LARGEST_DETECTABLE:.0%} is asked for). More cases would tell."
        )
    if gate.new_failing:
        wrong = sum(flip.silent_wrong for flip in gate.new_failing)
        silently = f", {wrong} of them silently wrong (`transect eval run` fails on those)" if wrong else ""
        said.append(f"{len(gate.new_failing)} new wordings fail{silently}; the baseline does not know them.")
    if gate.report.skipped:
        said.append(f"{len(gate.report.skipped)} cases were not asked: their data is not on this machine.")
    if gate.updated:
        said.append("The baseline was written anew from this run.")
    return said


def _comparison(gate: Gate) -> str:
    if gate.difference is None:
        return "No case was compared with the baseline."
    d, mdd = gate.difference, "none" if gate.mdd is None else f"{gate.mdd:.1%}"
    return (
        f"{_count(gate.cases)} compared: pass rate {d.value:+.1%} "
        f"({d.level:.0%} interval {d.low:+.1%} to {d.high:+.1%}); minimum detectable drop {mdd}."
    )


def _count(cases: int) -> str:
    return f"{cases} case" if cases == 1 else f"{cases} cases"


def _listed(title: str, flips: Iterable[Flip]) -> list[str]:
    lines = []
    for flip in flips:
        silently = " **silently wrong**" if flip.silent_wrong else ""
        wording = f'"{flip.wording}"' if flip.wording is not None else f"held out, wording {flip.wording_hash}"
        lines.append(f"- `{flip.case}` {wording}: {flip.cause}{silently}")
        lines += [f"  - {problem}" for problem in flip.problems if flip.cause != "as expected"]
    return ["", f"## {title} ({sum(line.startswith('- ') for line in lines)})", "", *lines] if lines else []


def _flip(flip: Flip) -> dict[str, Any]:
    return {
        "case": flip.case,
        "wording": flip.wording,
        "wording_hash": flip.wording_hash,
        "cause": flip.cause,
        "problems": list(flip.problems),
        "silent_wrong": flip.silent_wrong,
    }
