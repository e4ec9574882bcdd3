"""A machine labels a study's drawn units: the embedded labeller, or a model, within the approved budget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tools.access import Asker
from tools.errors import InvalidInput
from tools.labeling import (
    EmbeddedLabeller,
    Labeller,
    RunProgress,
    RunReport,
    find_unknown_items,
    open_labeller,
    run_labels,
)
from tools.state import open_state
from tools.study.guard_steps import require_approval
from tools.study.label_study import ToLabel, items_to_label
from tools.study.receipts import write_receipt
from tools.workspace import Workspace

EMBEDDED, MODEL = "embedded", "model"


def run_study(
    workspace: Workspace,
    id: str,
    *,
    asker: Asker,
    labeller: str | Labeller = EMBEDDED,
    run: str | None = None,
    progress: Callable[[RunProgress], None] = lambda _: None,
) -> RunReport:
    """Label the drawn units by a machine; a run that was stopped or killed goes on where it was.

    Units whose text is not kept stay without a label, as long as they are no more than the spec's `max_missing` allows.

    Args:
        workspace, id: the study.
        asker: who lets the machine look at the items.
        labeller: `embedded`; `model` for the one of `model.labeler`; or one that is open already.
        run: its name; default: one of the study's own. A new name begins anew, with what people labelled since.
        progress: told how far it is.

    Raises:
        InvalidInput: nothing is drawn, or the plan, spec, sample or policy changed since; no model is configured, or
            its prices are not known; the run was begun by another labeller; more texts are missing than may be.
        Declined: the plan is not approved; too few labels of people to learn from.
    """
    found = items_to_label(workspace, id)
    approval = require_approval(found.study, found.plan, workspace.settings)
    opened = _open(workspace, labeller) if isinstance(labeller, str) else labeller
    embedded = isinstance(opened, EmbeddedLabeller)
    items = _with_text(workspace, found)
    try:
        report = run_labels(
            items,
            policy=found.policy,
            workspace=workspace,
            state=open_state(workspace),
            labeller=opened,
            run=run or f"study.{id}.{EMBEDDED if embedded else MODEL}",
            budget_usd=None if embedded else approval.budget_usd,
            progress=progress,
            asker=asker,
            policy_hash=found.plan.policy.hash,
        )
    except InvalidInput as error:
        if error.code == "run_changed":
            error.hint = "Give the new run a name of its own with --run-name NAME."
        raise
    write_receipt(
        found.study.folder, "label", asker=asker, run=report.run, added=report.added, cost_usd=report.cost_usd
    )
    return _noted(report, without_text=len(found.items) - len(items))


def _with_text(workspace: Workspace, found: ToLabel) -> tuple[str, ...]:
    """The drawn units that can be read; all of them, so that the run refuses, where too many cannot be."""
    unknown = find_unknown_items(workspace, found.items)
    if len(unknown) > found.plan.spec.max_missing * len(found.items):
        return found.items
    return tuple(item for item in found.items if item not in unknown)


def _noted(report: RunReport, *, without_text: int) -> RunReport:
    if not without_text:
        return report
    note = f"{without_text:,} drawn units have no text in the store of item texts; they stay without a label."
    return replace(report, notes=(*report.notes, note))


def _open(workspace: Workspace, name: str) -> Labeller:
    if name == MODEL:
        name = workspace.settings.model.labeler
        if name == EMBEDDED:
            raise InvalidInput(
                "No model is configured to label: model.labeler in transect.toml is the embedded labeller.",
                code="no_model",
                value=name,
                hint='Name one under [model]: labeler = "...", or use --run embedded.',
                where="transect.toml",
            )
    return open_labeller(workspace, name)
