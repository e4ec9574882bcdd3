"""Where a study stands, and the next command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tools.errors import TransectError
from tools.figure import Figure
from tools.state import open_state
from tools.study.draft_study import hash_of_draft, require_estimate
from tools.study.drawn import read_sample
from tools.study.estimate import OVERALL
from tools.study.folder import model_text
from tools.study.guard_steps import require_approval, require_plan, require_policy, require_sample
from tools.study.label_snapshot import snapshot_text, standing_labels
from tools.study.label_study import LabelProgress, progress_of
from tools.study.load_study import Study, load_study
from tools.study.plan import Plan
from tools.workspace import Workspace

Stage = Literal["new", "planned", "approved", "drawn", "labelled", "estimated", "drafted", "signed"]


@dataclass(frozen=True)
class StudyStatus:
    """One study.

    Attributes:
        stage: the last step that holds, with everything before it as it was then.
        next: the command that goes on; empty when nothing is left.
        problem: why the next stage does not hold although something of it is there; empty when all is well.
        plan_hash, cost_usd, n: of the plan, when there is one.
        progress: of the labels, once drawn.
        headline: the overall figure, once estimated.
        signed_by: who signed this very draft.
    """

    id: str
    title: str
    stage: Stage
    next: str
    problem: str = ""
    plan_hash: str | None = None
    n: int | None = None
    cost_usd: float | None = None
    progress: LabelProgress | None = None
    headline: Figure | None = None
    signed_by: tuple[str, ...] = ()


def study_status(workspace: Workspace, id: str) -> StudyStatus:
    """Read the folder and the ledger; nothing is computed anew (`verify` does that).

    Raises:
        InvalidInput, InvalidWorkspace: no such study, or a file of it that cannot be read.
    """
    study = load_study(workspace, id)
    try:
        plan = require_plan(study)
    except TransectError as error:
        return _status(study, "new", "plan", problem="" if study.plan is None else error.message)
    known = _Known(study, plan)
    try:
        require_approval(study, plan, workspace.settings)
    except TransectError as error:
        call = f"approve {id} --by PERSON --budget {plan.cost.usd:g}"
        return known.status("planned", call, problem="" if study.approval is None else error.message)
    try:
        require_policy(plan, workspace)
        manifest = require_sample(study, plan)
        drawn = read_sample(study.folder.sample, manifest=manifest, plan=plan)
    except TransectError as error:
        nothing = study.manifest is None and error.code == "no_sample"
        return known.status("approved", f"draw {id}", problem="" if nothing else error.message)
    progress = progress_of(plan, drawn, workspace)
    whole = progress.wanted[0]
    if whole.missing > plan.spec.max_missing * whole.drawn:
        return known.status("drawn", f"label {id} --queue", progress=progress)
    return _after_labels(known, progress, workspace, items=[item.id for item in drawn])


def _after_labels(known: _Known, progress: LabelProgress, workspace: Workspace, *, items: list[str]) -> StudyStatus:
    study, plan, folder = known.study, known.plan, known.study.folder
    try:
        estimate = require_estimate(study, plan)
    except TransectError as error:
        problem = "" if study.estimate is None else error.message
        return known.status("labelled", f"estimate {study.id}", problem=problem, progress=progress)
    labels = standing_labels(open_state(workspace), policy=plan.policy, items=items)
    if not folder.labels.is_file() or snapshot_text(labels) != folder.labels.read_text(encoding="utf-8"):
        problem = "Labels were given or taken back after the estimate was made."
        return known.status("labelled", f"estimate {study.id}", problem=problem, progress=progress)
    headline = estimate.figure(OVERALL)
    found = hash_of_draft(folder)
    if found is None:
        return known.status("estimated", f"draft {study.id}", progress=progress, headline=headline)
    from hashlib import sha256

    mark = sha256(model_text(estimate, nulls=True).encode()).hexdigest()[:16]
    if mark not in folder.draft.read_text(encoding="utf-8", errors="replace"):
        problem = "The draft is of an earlier estimate."
        return known.status("estimated", f"draft {study.id}", problem=problem, progress=progress, headline=headline)
    signed = study.signatures.signatures if study.signatures else ()
    by = tuple(each.by for each in signed if each.draft_hash == found)
    if not by:
        problem = "A signature is of an earlier draft." if signed else ""
        call = f"verify {study.id}"
        return known.status("drafted", call, problem=problem, progress=progress, headline=headline)
    return known.status("signed", "", progress=progress, headline=headline, signed_by=by)


@dataclass(frozen=True)
class _Known:
    """A study whose plan holds."""

    study: Study
    plan: Plan

    def status(
        self,
        stage: Stage,
        call: str,
        *,
        problem: str = "",
        progress: LabelProgress | None = None,
        headline: Figure | None = None,
        signed_by: tuple[str, ...] = (),
    ) -> StudyStatus:
        return StudyStatus(
            self.study.id,
            self.study.spec.title,
            stage,
            f"transect study {call}" if call else "",
            problem,
            self.plan.hash,
            self.plan.n,
            self.plan.cost.usd,
            progress,
            headline,
            signed_by,
        )


def _status(study: Study, stage: Stage, call: str, *, problem: str) -> StudyStatus:
    return StudyStatus(study.id, study.spec.title, stage, f"transect study {call} {study.id}", problem)
