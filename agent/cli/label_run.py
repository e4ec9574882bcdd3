"""How a run of labels looks: a line of progress on stderr, then what it came to and its exit code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import typer

from agent.cli.output import bullet, print_json, print_progress
from tools.labeling import LabelStatus, RunProgress, RunReport

EXIT_CODES = {None: 0, "budget": 3, "endpoint": 1, "interrupted": 130}
CODES = {"budget": "too_expensive", "endpoint": "model_failed", "interrupted": "interrupted"}


def show_progress(now: RunProgress) -> None:
    """One line, over the one before."""
    print_progress(f"labelled {now.done:,} of {now.total:,}", now.done / now.total)


def end_run(report: RunReport, *, json_: bool) -> None:
    """Print the report; raise Exit with the code that says how the sitting ended."""
    if json_:
        document = asdict(report)
        if report.stopped is not None:
            error = {"code": CODES[report.stopped], "message": report.message or "Interrupted.", "hint": report.hint}
            document = {"error": {**error, "value": report.left, "allowed": [], "where": report.run}, **document}
        print_json(document)
    else:
        print_report(report)
    if EXIT_CODES[report.stopped]:
        raise typer.Exit(EXIT_CODES[report.stopped])


def print_report(report: RunReport) -> None:
    """The report for a person."""
    given = _counts(report.labels)
    print(f"{report.labelled:,} of {report.items:,} items labelled by {report.labeller} in run {report.run}: {given}.")
    others = [
        f"{n:,} {what}"
        for n, what in (
            (report.abstained, "abstained"),
            (report.refused, "refused"),
            (report.failed, "without a usable answer"),
            (report.left, "left"),
        )
        if n
    ]
    if others:
        print(f"Not labelled: {', '.join(others)}.")
    if report.kind == "model":
        print(_money(report))
    if report.maybe_billed_twice:
        print(
            f"{report.maybe_billed_twice:,} calls may have been billed twice: their first outcome was never known, and "
            "they were made again."
        )
    if report.stopped is not None:
        print(f"Stopped: {report.message or 'interrupted.'} {report.hint}".rstrip())
    elif report.errors:
        codes = ", ".join(f"{code} {n:,}" for code, n in sorted(report.errors.items()))
        print(f"No answer for some items ({codes}); run it again to go on.")
    if report.left and report.left_usd is not None and report.kind == "model":
        print(f"What is left costs about ${report.left_usd:,.4f}.")
    for note in report.notes:
        print(bullet(note))


def format_labels(status: LabelStatus) -> str:
    """How often each label was given, people and machines apart where there are both."""
    groups = status.labels_by_kind
    if len(groups) < 2:
        return _counts(status.labels)
    return "; ".join(f"{kind}: {_counts(given)}" for kind, given in groups.items())


def format_without_label(status: LabelStatus) -> str:
    """Answers that stand and are no label."""
    counts = (
        (status.abstained, "abstained"),
        (status.skipped, "skipped"),
        (status.refused, "refused"),
        (status.failed, "failed"),
    )
    return ", ".join(f"{n:,} {what}" for n, what in counts if n)


def _counts(given: Mapping[str, int]) -> str:
    return ", ".join(f"{label} {n:,}" for label, n in given.items())


def _money(report: RunReport) -> str:
    if report.cost_usd is None:
        return f"{report.calls:,} calls; their cost is not known: set the prices of the model in transect.toml."
    held = f", at most ${report.held_usd:,.4f} more for calls without an answer" if report.held_usd else ""
    return f"{report.calls:,} calls, ${report.cost_usd:,.4f}{held}."
