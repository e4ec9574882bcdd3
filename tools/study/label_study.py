"""Labels of a study's drawn units by people: from a file, or given one by one; progress by stratum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tools.access import Asker
from tools.labeling import (
    Answer,
    ImportReport,
    Policy,
    Progress,
    QueueReport,
    import_labels,
    read_label_file,
    run_queue,
)
from tools.labeling.label_file import LABELLER
from tools.state import open_state
from tools.study.drawn import DrawnItem, read_sample
from tools.study.estimate import Response
from tools.study.estimate_sample import count_response
from tools.study.guard_steps import require_approval, require_plan, require_policy, require_sample
from tools.study.label_snapshot import standing_labels
from tools.study.load_study import Study, load_study
from tools.study.plan import Plan
from tools.study.receipts import write_receipt
from tools.study.settle_labels import MODELS, PEOPLE, settle_labels
from tools.workspace import Workspace


@dataclass(frozen=True)
class ToLabel:
    """A study whose units may be labelled: approved, drawn, under the policy of its plan."""

    study: Study
    plan: Plan
    policy: Policy
    drawn: tuple[DrawnItem, ...]

    @property
    def items(self) -> tuple[str, ...]:
        """Ids in the order drawn, which is random."""
        return tuple(item.id for item in self.drawn)


@dataclass(frozen=True)
class LabelProgress:
    """How far the drawn units have settled labels, all of them first, then by stratum.

    Attributes:
        people: by the labels of people (given here or imported).
        model: by those of models, the embedded labeller's among them.
        counts: which of the two the estimate will rest on.
    """

    study: str
    people: tuple[Response, ...]
    model: tuple[Response, ...]
    counts: str

    @property
    def wanted(self) -> tuple[Response, ...]:
        """What the estimate will rest on."""
        return self.people if self.counts == "people" else self.model


def items_to_label(workspace: Workspace, id: str) -> ToLabel:
    """What may be labelled for a study now.

    Raises:
        InvalidInput: nothing is drawn, or the plan, the spec, the sample or the policy changed since.
        Declined: the plan is not, or no longer, approved.
    """
    study = load_study(workspace, id)
    plan = require_plan(study)
    require_approval(study, plan, workspace.settings)
    policy = require_policy(plan, workspace)
    manifest = require_sample(study, plan)
    return ToLabel(study, plan, policy, tuple(read_sample(study.folder.sample, manifest=manifest, plan=plan)))


def import_study_labels(
    workspace: Workspace,
    id: str,
    file: Path,
    *,
    asker: Asker,
    item: str = "item",
    label: str = "label",
    labeller: str = LABELLER,
    by: str | None = None,
    drawn_only: bool = False,
) -> ImportReport:
    """Record a file's labels of drawn units in the ledger: all of them or none.

    Args:
        workspace, id, file: the study, and where the labels are.
        asker: who brings them.
        item, label, labeller, by: as in `tools.labeling.read_label_file`.
        drawn_only: leave out rows about units that were not drawn, and count them; otherwise they are faults.

    Raises:
        InvalidInput: an item that was not drawn, a label that the policy does not have, rows that contradict each
            other: every fault with its line. Also as in `items_to_label`.
    """
    found = items_to_label(workspace, id)
    given = read_label_file(file, zone=workspace.zone, item=item, label=label, labeller=labeller, by=by)
    known = set(found.items)
    rows = tuple(row for row in given.rows if row.item in known) if drawn_only else given.rows
    report = import_labels(
        replace(given, rows=rows),
        policy=found.policy,
        find_unknown=lambda ids: {each for each in ids if each not in known},
        state=open_state(workspace),
        asker=asker,
        version=found.plan.policy.version,
        policy_hash=found.plan.policy.hash,
    )
    report = replace(report, not_drawn=len(given.rows) - len(rows))
    write_receipt(found.study.folder, "label", asker=asker, run=report.run, added=report.added, present=report.present)
    return report


def queue_study(
    workspace: Workspace,
    id: str,
    *,
    asker: Asker,
    ask: Callable[[ToLabel], Callable[[str | None, Progress], Answer]],
) -> QueueReport:
    """One person labels drawn units one after the other, in the order drawn, and goes on where they stopped.

    Args:
        workspace, id: the study.
        asker: who labels.
        ask: makes, for the study, what shows an item and returns the answer.

    Raises:
        InvalidInput, Declined: as in `items_to_label`, and what `tools.labeling.run_queue` raises.
    """
    found = items_to_label(workspace, id)
    report = run_queue(
        found.items, policy=found.policy, labeller=asker.person, state=open_state(workspace), ask=ask(found)
    )
    given = report.labelled + report.abstained + report.skipped + report.undone
    if given:
        write_receipt(found.study.folder, "label", asker=asker, run=f"queue:{asker.person}", answers=given)
    return report


def label_progress(workspace: Workspace, id: str) -> LabelProgress:
    """How far labelling has come.

    Raises:
        InvalidInput: nothing is drawn, or the plan, spec or sample changed since.
    """
    study = load_study(workspace, id)
    plan = require_plan(study)
    manifest = require_sample(study, plan)
    return progress_of(plan, read_sample(study.folder.sample, manifest=manifest, plan=plan), workspace)


def progress_of(plan: Plan, drawn: list[DrawnItem], workspace: Workspace) -> LabelProgress:
    """As `label_progress`, of a plan and units at hand."""
    labels = standing_labels(open_state(workspace), policy=plan.policy, items=[item.id for item in drawn])
    estimand = plan.spec.estimand
    people = settle_labels(labels, estimand=estimand, kinds=PEOPLE)
    model = settle_labels(labels, estimand=estimand, kinds=MODELS)
    return LabelProgress(
        plan.study,
        tuple(count_response(drawn, people)),
        tuple(count_response(drawn, model)),
        plan.spec.labels,
    )
