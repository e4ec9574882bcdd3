"""What `transect study` prints for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.output import embolden, near_path, print_table, wrap

if TYPE_CHECKING:
    from tools.figure import Figure
    from tools.labeling import ImportReport, QueueReport
    from tools.sampling import Manifest
    from tools.study import (
        Approval,
        Draft,
        LabelProgress,
        NewStudy,
        Permission,
        Plan,
        StudyEstimate,
        StudyStatus,
        Verification,
    )
    from tools.study.estimate import Response
    from tools.study.folder import Folder
    from tools.workspace import Workspace


def show_new(made: NewStudy, place: Workspace) -> None:
    """Where the spec is, and what was assumed."""
    print(embolden(f"Wrote {near_path(made.path)}"))
    for each in made.assumed:
        print(wrap(each, label="Assumed"))
    _next(place, f"transect study plan {made.spec.id}", "after any edit of study.yml")


def show_plan(plan: Plan, place: Workspace) -> None:
    """Size, expected interval, cost; who may approve."""
    print(embolden(f"{plan.spec.title}"))
    print(wrap(plan.spec.estimand.words, label="Estimand"))
    print(wrap(f"{plan.frame.units:,} rows of {plan.frame.table}, fingerprint {plan.frame.fingerprint}", label="Frame"))
    print(wrap(f"{plan.policy.id} version {plan.policy.version}, {plan.policy.hash[:12]}", label="Policy"))
    print(wrap(f"{plan.spec.design.type}, {plan.n:,} units, seed {plan.spec.seed}", label="Design"))
    if plan.strata:
        print_table(("stratum", "N", "n"), [(s.stratum, s.units, s.n) for s in plan.strata])
    expected = plan.expected
    print(
        wrap(
            f"{_percent(expected.low)} to {_percent(expected.high)} at {_percent(expected.level)}, if the share is "
            f"{_percent(expected.prevalence)}",
            label="Expected",
        )
    )
    print(wrap(f"${plan.cost.usd:,.2f} for {plan.cost.labels:,} labels", label="Cost"))
    for note in plan.notes:
        print(wrap(note, label="Mind"))
    print(wrap(plan.hash[:16], label="Plan"))
    approvers = ", ".join(place.settings.study.approvers) or "anyone (study.approvers in transect.toml names nobody)"
    print(wrap(approvers, label="Approvers"))
    _next(place, f"transect study approve {plan.study} --by PERSON --budget {plan.cost.usd:g}")


def show_approval(approval: Approval, permission: Permission, place: Workspace) -> None:
    """What was approved, and by what right."""
    print(embolden(f"Approved by {approval.by}: plan {approval.plan_hash[:16]}, up to ${approval.budget_usd:,.2f}"))
    print(wrap(permission.why, label="Right"))
    _next(place, f"transect study draw {approval.study}")


def show_draw(id: str, manifest: Manifest, place: Workspace) -> None:
    """How much was drawn."""
    path = near_path(place.root / "studies" / id / "sample.csv")
    print(embolden(f"Drew {manifest.n:,} of {manifest.units:,} units into {path}"))
    if manifest.strata:
        print_table(("stratum", "N", "n"), [(s.stratum, s.units, s.n) for s in manifest.strata])
    _next(place, f"transect study label {id} --queue", "or --import FILE, or --run embedded")


def show_import(report: ImportReport) -> None:
    """What came in."""
    print(f"{report.added:,} labels added under {report.policy} version {report.version} ({report.run}).")
    for count, what in (
        (report.present, "were in the ledger already"),
        (report.duplicates, "repeat an earlier row of the file"),
        (report.without_label, "rows have no label and are left out"),
        (report.not_drawn, "rows are about items that were not drawn and are left out"),
    ):
        if count:
            print(f"{count:,} {what}.")


def show_queue(report: QueueReport) -> None:
    """What a sitting came to."""
    print(
        f"\n{report.labelled:,} labelled, {report.abstained:,} abstained, {report.skipped:,} skipped, "
        f"{report.undone:,} undone; {report.left:,} left."
    )


def show_progress(progress: LabelProgress, following: str, place: Workspace) -> None:
    """Settled of drawn, by stratum."""
    whole = progress.wanted[0]
    who = "people" if progress.counts == "people" else "a model"
    print(embolden(f"{whole.settled:,} of {whole.drawn:,} drawn items have a settled label by {who}"))
    _print_response(progress.wanted)
    other = progress.model if progress.counts == "people" else progress.people
    if other[0].settled:
        others = (
            "a model's labels, which this study does not count" if progress.counts == "people" else "people's checks"
        )
        print(wrap(f"{other[0].settled:,} have {others}", label="Beside"))
    _next(place, following)


def show_estimate(estimate: StudyEstimate, place: Workspace) -> None:
    """Figures in words, then what to mind."""
    from tools.reporting import format_interval, format_n, format_range, format_value  # start-up

    overall = estimate.figures[0]
    print(embolden(f"{format_interval(overall)}, {format_n(overall)}, {overall.positives:,} positive"))
    rows = [
        (_name(figure), format_value(figure), format_range(figure), figure.n, figure.positives)
        for figure in estimate.figures
    ]
    print_table(("figure", "value", "interval", "n", "positive"), rows, right={"value", "interval"})
    for caveat in estimate.caveats:
        print(wrap(caveat, label="Mind"))
    _next(place, f"transect study draft {estimate.study}")


def show_draft(made: Draft, folder: Folder, place: Workspace) -> None:
    """Where the pages are."""
    print(embolden(f"Wrote {near_path(folder.page)} and {near_path(folder.draft)}"))
    headline = next((line.removeprefix("> ") for line in made.markdown.split("\n") if line.startswith("> ")), "")
    print(wrap(headline.replace("**", ""), label="Headline"))
    print(wrap(made.hash[:16], label="Draft"))
    _next(place, f"transect study verify {folder.path.name}")


def show_status(found: StudyStatus, place: Workspace) -> None:
    """Stage, progress, number, next command."""
    from tools.reporting import format_interval  # start-up

    print(embolden(f"{found.title}: {found.stage}"))
    if found.n is not None and found.plan_hash is not None:
        print(wrap(f"{found.n:,} units for ${found.cost_usd or 0:,.2f}, {found.plan_hash[:16]}", label="Plan"))
    if found.progress is not None:
        _print_response(found.progress.wanted)
    if found.headline is not None:
        print(wrap(format_interval(found.headline), label="Estimate"))
    if found.signed_by:
        print(wrap(", ".join(found.signed_by), label="Signed by"))
    if found.problem:
        print(wrap(found.problem, label="Problem"))
    if found.next:
        _next(place, found.next)


def show_verification(found: Verification, place: Workspace) -> None:
    """What is the same, and what is not, with the first byte that differs."""
    for name in found.same:
        print(f"  same     {name}")
    for each in found.differences:
        print(f"  DIFFERS  {each.file}: {each.what}")
        if each.stored or each.computed:
            print(f"             in the folder:  {each.stored}")
            print(f"             computed again: {each.computed}")
    for note in found.notes:
        print(wrap(note, label="Mind"))
    if found.ok:
        print(embolden(f"{found.study} verifies: {len(found.same):,} files are what they are computed to be."))
        if "draft.md" in found.same and "signatures.json" not in found.same:
            _next(place, f"transect study sign {found.study} --by PERSON")
    else:
        count = len(found.differences)
        print(embolden(f"{found.study} does not verify: {count:,} {'differences' if count > 1 else 'difference'}."))


def _print_response(response: Sequence[Response]) -> None:
    rows = [
        (each.stratum or "all", each.drawn, each.settled, each.unresolved, each.unlabelled)
        for each in (*response[1:], response[0])
    ]
    print_table(("stratum", "drawn", "settled", "unresolved", "without an answer"), rows)


def _name(figure: Figure) -> str:
    from tools.reporting import format_slice  # start-up

    return format_slice(figure.slice) or figure.id.replace("_", " ")


def _percent(share: float) -> str:
    return f"{100 * share:.4g}%"


def _next(place: Workspace, command: str, more: str = "") -> None:
    """The next command, as it can be typed here: with -w where the current folder is not in the workspace."""
    inside = Path.cwd().resolve().is_relative_to(place.root)
    call = command if inside else command.replace("transect", f"transect -w {near_path(place.root)}", 1)
    print(f"\nNext: {call}" + (f"  ({more})" if more else ""))
