"""The draw of an approved plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tools.access import Asker
from tools.sampling import Manifest, draw
from tools.state import append_audit, open_state
from tools.study.frame import FrameSource, open_frame
from tools.study.guard_steps import frame_changed, require_approval, require_plan, require_policy
from tools.study.load_study import load_study
from tools.study.plan import Plan
from tools.study.receipts import write_receipt
from tools.workspace import Workspace

Progress = Callable[[str, float | None], None]


def draw_study(
    workspace: Workspace, id: str, *, asker: Asker, progress: Progress = lambda step, share: None
) -> Manifest:
    """Draw the sample of a study: sample.csv, and beside it the manifest from which anyone draws it again.

    A sample carries the id, the stratum and the breakdown columns of a unit, and nothing else of it.

    Raises:
        InvalidInput: no plan, a spec or plan that was edited, a policy that was edited since.
        Declined: no approval of this very plan by somebody who may give it, a budget below its cost, a frame that
            changed since the plan.
    """
    study = load_study(workspace, id)
    plan = require_plan(study)
    approval = require_approval(study, plan, workspace.settings)
    require_policy(plan, workspace)
    frame = open_frame(plan.spec, workspace=workspace, asker=asker)
    fingerprint = frame.fingerprint()
    if fingerprint != plan.frame.fingerprint:
        raise frame_changed(plan, fingerprint)
    detail = {"study": id, "plan": plan.hash, "table": plan.frame.table, "n": plan.n}
    append_audit(open_state(workspace), action="study_draw", asker=asker, detail=detail)
    manifest = draw_sample(plan, frame, out=study.folder.sample, progress=progress)
    files = [study.folder.sample, study.folder.manifest]
    write_receipt(
        study.folder, "draw", asker=asker, files=files, sql=frame.receipts, plan=plan.hash, approved_by=approval.by
    )
    return manifest


def draw_sample(
    plan: Plan, frame: FrameSource, *, out: Path, progress: Progress = lambda step, share: None
) -> Manifest:
    """The sample of a plan, and its manifest beside it."""
    return draw(frame, plan.design, id=frame.id, seed=plan.spec.seed, out=out, stage=plan.stage, progress=progress)
