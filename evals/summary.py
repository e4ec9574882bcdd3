"""A run's report for people (Markdown) and for machines (JSON)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from evals.identity import HELD_OUT, hash_wording, shown_name
from evals.kept import judge_kept, kept_to_json, kept_to_text
from evals.outcome import Outcome, Report
from tools.reporting.table_cell import table_cell


def to_json(report: Report) -> dict[str, Any]:
    """The report as one JSON document; wordings of held-out cases stay out of it."""
    return {
        "verdict": report.verdict,
        "n": len(report.outcomes),
        "as_expected": sum(o.passed for o in report.outcomes),
        "share_as_expected": report.share_as_expected,
        "threshold": report.threshold,
        "silent_wrong": len(report.silent_wrong),
        "causes": report.causes,
        "kept": kept_to_json(judge_kept(report)),
        "suites": suites_of(report),
        "failures": [_failure(o) for o in report.failures],
        "results": [
            {
                "case": shown_name(o.case, o.tags),
                "wording_hash": hash_wording(o.wording),
                "passed": o.passed,
                "cause": o.cause,
                "silent_wrong": o.silent_wrong,
            }
            for o in report.outcomes
        ],
        "invalid": [{"case": left.case, "why": left.why} for left in report.invalid],
        "skipped": [{"case": left.case, "why": left.why} for left in report.skipped],
    }


def to_markdown(report: Report) -> str:
    """A page: the verdict, counts by workspace, then the failures grouped by cause."""
    n, good = len(report.outcomes), sum(o.passed for o in report.outcomes)
    lines = [
        "# Eval run",
        "",
        f"**{report.verdict}**: {good} of {n} wordings as expected"
        + (f" ({good / n:.1%}; {report.threshold:.0%} needed)" if n else "")
        + f", {len(report.silent_wrong)} silently wrong, {len(report.leaked)} leaked"
        + f", {len(report.invalid)} invalid, {len(report.skipped)} skipped.",
        "",
        *([kept_to_text(kept), ""] if (kept := judge_kept(report)) else []),
        "| workspace | wordings | as expected | silently wrong | slowest |",
        "|---|---|---|---|---|",
    ]
    for name, mine in _grouped(report.outcomes, lambda o: o.workspace):
        slowest = max(o.seconds for o in mine)
        wrong = sum(o.silent_wrong for o in mine)
        lines.append(
            f"| {table_cell(name)} | {len(mine)} | {sum(o.passed for o in mine)} | {wrong} | {slowest:.2f} s |"
        )
    for cause, mine in _grouped(report.failures, lambda o: o.cause):
        lines += ["", f"## {cause} ({len(mine)})", ""]
        lines += [line for outcome in mine for line in _described(outcome)]
    for title, lefts in (("Invalid cases", report.invalid), ("Skipped", report.skipped)):
        if lefts:
            lines += ["", f"## {title} ({len(lefts)})", "", *(f"- {left.case}: {left.why}" for left in lefts)]
    return "\n".join(lines) + "\n"


def document_to_markdown(document: dict[str, Any]) -> str:
    """The page of a run that only its JSON document is left of: no times, the same groups. KeyError: not such a one."""
    n, good = document["n"], document["as_expected"]
    lines = [
        "# Eval run",
        "",
        f"**{document['verdict']}**: {good} of {n} wordings as expected, {document['silent_wrong']} silently wrong, "
        f"{len(document['invalid'])} invalid, {len(document['skipped'])} skipped.",
        "",
        "| workspace | wordings | as expected | failed |",
        "|---|---|---|---|",
        *(f"| {table_cell(s['name'])} | {s['n']} | {s['passed']} | {s['failed']} |" for s in document["suites"]),
    ]
    for cause in document["causes"]:
        mine = [failure for failure in document["failures"] if failure["cause"] == cause]
        lines += ["", f"## {cause} ({len(mine)})", ""]
        for failure in mine:
            wording = f' "{failure["wording"]}"' if "wording" in failure else f", {failure['workspace']}"
            lines.append(
                f"- `{failure['case']}`{wording}" + (" **silently wrong**" * bool(failure.get("silent_wrong")))
            )
            lines += [f"  - {problem}" for problem in failure.get("problems", ())]
    return "\n".join(lines) + "\n"


def suites_of(report: Report) -> list[dict[str, Any]]:
    """Counts of wordings by workspace."""
    return [
        {"name": name, "n": len(mine), "passed": sum(o.passed for o in mine), "failed": sum(not o.passed for o in mine)}
        for name, mine in _grouped(report.outcomes, lambda o: o.workspace)
    ]


def _grouped(outcomes: Iterable[Outcome], key: Callable[[Outcome], str]) -> list[tuple[str, list[Outcome]]]:
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(key(outcome), []).append(outcome)
    return list(groups.items())


def _failure(outcome: Outcome) -> dict[str, Any]:
    if HELD_OUT in outcome.tags:
        return {"case": HELD_OUT, "workspace": outcome.workspace, "cause": outcome.cause}
    return {
        "case": outcome.case,
        "wording": outcome.wording,
        "cause": outcome.cause,
        "silent_wrong": outcome.silent_wrong,
        "problems": list(outcome.problems),
        "headline": outcome.headline,
    }


def _described(outcome: Outcome) -> list[str]:
    if HELD_OUT in outcome.tags:
        return [f"- held out, {', '.join(t for t in outcome.tags if t != HELD_OUT)}"]
    silent = " **silently wrong**" if outcome.silent_wrong else ""
    return [
        f'- `{outcome.case}` "{outcome.wording}"{silent}',
        f"  - {'; '.join(outcome.problems)}",
        f"  - said: {outcome.headline[:200]}",
    ]
