"""Everything of a study computed again, from the spec, the frame, the policy and the ledger; what differs is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from pydantic import BaseModel

from tools.access import Asker
from tools.errors import TransectError
from tools.labeling import find_policy
from tools.sampling import Manifest, manifest_path
from tools.state import open_state
from tools.study.approval import Approval, Signatures
from tools.study.compare_bytes import Difference, Findings
from tools.study.draft_study import Draft, draft_hash, make_draft
from tools.study.draw_study import draw_sample
from tools.study.drawn import DrawnItem, read_sample
from tools.study.estimate import StudyEstimate
from tools.study.estimate_study import make_estimate, read_actors
from tools.study.folder import Folder, model_text, read_model
from tools.study.frame import FrameSource, open_frame
from tools.study.guard_steps import refuse_small_budget
from tools.study.label_snapshot import read_snapshot, snapshot_text, standing_labels
from tools.study.load_study import check_folder
from tools.study.may_approve import may_approve
from tools.study.plan import Plan
from tools.study.plan_study import make_plan
from tools.study.read_spec import read_spec
from tools.study.settle_labels import StandingLabel
from tools.study.spec import StudySpec
from tools.workspace import Workspace

M = TypeVar("M", bound=BaseModel)
_FEW = 3  # items named


@dataclass(frozen=True)
class Verification:
    """What `verify_study` found.

    Attributes:
        ok: nothing differs.
        same: files that are the same byte for byte.
        differences: causes first (spec, frame, policy, labels), then files.
        notes: what was not compared, and why.
    """

    study: str
    ok: bool
    same: tuple[str, ...]
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]


def verify_study(workspace: Workspace, id: str, *, asker: Asker, trust_snapshot: bool = False) -> Verification:
    """Compute every file of a study again and compare, byte for byte. Nothing is written.

    Only steps that were done are compared: a study that is drawn and not yet estimated verifies up to its sample.

    Args:
        workspace, id: the study.
        asker: who must be allowed to draw from the frame.
        trust_snapshot: where the ledger holds no label of the study at all (another checkout, another machine), go on
            from labels.csv, with a note.

    Raises:
        InvalidInput, InvalidWorkspace: no such study, or a study.yml that cannot be read.
    """
    folder = check_folder(workspace, id)
    spec, found = read_spec(folder.spec), Findings()
    if folder.plan.is_file():
        _verify_plan(folder, spec, found, workspace=workspace, asker=asker, trust_snapshot=trust_snapshot)
    else:
        found.notes.append("Nothing is planned yet, so there is nothing to compare.")
    differences = (*found.causes, *found.files)
    return Verification(id, not differences, tuple(found.same), differences, tuple(found.notes))


def _verify_plan(
    folder: Folder, spec: StudySpec, found: Findings, *, workspace: Workspace, asker: Asker, trust_snapshot: bool
) -> None:
    stored = _read(folder.plan, Plan)
    frame = found.attempt(folder.plan, lambda: open_frame(spec, workspace=workspace, asker=asker))
    if frame is None:
        return
    plan = found.attempt(folder.plan, lambda: _plan_again(spec, frame, workspace, stored, found))
    if plan is None:
        return
    if stored is not None:
        found.causes += _causes(spec, stored, plan)
    found.compare(folder.plan, model_text(plan).encode())
    _verify_approval(folder, plan, found, workspace)
    if folder.sample.exists() or folder.manifest.exists():
        _verify_sample(folder, plan, frame, found, workspace=workspace, asker=asker, trust_snapshot=trust_snapshot)
    elif folder.estimate.exists():
        found.files.append(Difference(folder.sample.name, "is missing"))


def _plan_again(
    spec: StudySpec, frame: FrameSource, workspace: Workspace, stored: Plan | None, found: Findings
) -> Plan:
    """The plan, with the marks of the workspace and release that it was made under; other ones now are a note."""
    plan = make_plan(spec, frame=frame, workspace=workspace)
    if stored is None:
        return plan
    if stored.workspace_hash != plan.workspace_hash:
        found.notes.append(
            "Settings, metrics, policies or events of the workspace changed after the plan; what the study reads of "
            "them is compared by itself."
        )
    if stored.version != plan.version:
        found.notes.append(f"Planned with transect {stored.version}; this is {plan.version}.")
    marks = {"workspace_hash": stored.workspace_hash, "version": stored.version}
    return plan.model_copy(update=marks).sealed()


def _causes(spec: StudySpec, stored: Plan, plan: Plan) -> Iterator[Difference]:
    """What lies behind a plan that differs."""
    if stored.spec != spec:
        yield Difference("study.yml", "was edited after the plan was made")
    if stored.frame.fingerprint != plan.frame.fingerprint:
        yield Difference(
            "the frame",
            f"{plan.frame.table} holds other rows than when it was planned on",
            stored=f"{stored.frame.fingerprint}, N = {stored.frame.units:,}",
            computed=f"{plan.frame.fingerprint}, N = {plan.frame.units:,}",
        )
    if stored.policy != plan.policy:
        yield Difference(
            "the policy",
            f"{plan.policy.id} is not the text that the study was planned under",
            stored=f"version {stored.policy.version}, {stored.policy.hash[:16]}",
            computed=f"version {plan.policy.version}, {plan.policy.hash[:16]}",
        )
    if stored.hash != stored.content_hash():
        yield Difference("plan.json", "was edited: its content is not what its hash says")


def _verify_approval(folder: Folder, plan: Plan, found: Findings, workspace: Workspace) -> None:
    if not folder.approval.is_file():
        if folder.sample.exists():
            found.files.append(Difference(folder.approval.name, "is missing, and a sample was drawn"))
        return
    approval = _read(folder.approval, Approval)
    if approval is None:
        found.files.append(Difference(folder.approval.name, "cannot be read"))
        return
    faults = []
    if approval.plan_hash != plan.hash:
        faults.append(
            Difference(folder.approval.name, "approves another plan", stored=approval.plan_hash, computed=plan.hash)
        )
    try:
        refuse_small_budget(plan, approval.budget_usd)
    except TransectError as error:
        faults.append(Difference(folder.approval.name, error.message))
    permission = may_approve(approval.by, workspace.settings)
    if not permission:
        faults.append(Difference(folder.approval.name, permission.why))
    found.files += faults
    if not faults:
        found.same.append(folder.approval.name)


def _verify_sample(
    folder: Folder,
    plan: Plan,
    frame: FrameSource,
    found: Findings,
    *,
    workspace: Workspace,
    asker: Asker,
    trust_snapshot: bool,
) -> None:
    with TemporaryDirectory(prefix="transect-") as scratch:
        out = Path(scratch) / folder.sample.name
        drawn_again = found.attempt(folder.sample, lambda: draw_sample(plan, frame, out=out))
        if drawn_again is None:
            return
        manifest = _as_drawn(drawn_again, _read(folder.manifest, Manifest), found)
        found.compare(folder.sample, out.read_bytes())
        found.compare(folder.manifest, (manifest.model_dump_json(indent=2) + "\n").encode())
        sample_hash = sha256(out.read_bytes()).hexdigest()
        drawn = read_sample(out, manifest=manifest, plan=plan)
        assert manifest_path(out).is_file()
    if not (folder.labels.exists() or folder.estimate.exists() or folder.draft.exists()):
        return
    labels = _labels_again(folder, plan, drawn, found, workspace=workspace, trust_snapshot=trust_snapshot)
    found.compare(folder.labels, snapshot_text(labels).encode())
    actors, _ = read_actors(plan, drawn, workspace=workspace, asker=asker)
    estimate = found.attempt(
        folder.estimate, lambda: make_estimate(plan, drawn, labels, sample_hash=sample_hash, actors=actors)
    )
    if estimate is None:
        return
    found.compare(folder.estimate, model_text(estimate, nulls=True).encode())
    if folder.draft.exists() or folder.page.exists():
        _verify_draft(folder, plan, estimate, manifest, found, workspace=workspace)


def _as_drawn(again: Manifest, stored: Manifest | None, found: Findings) -> Manifest:
    """The manifest, with the versions that it was drawn with; other ones now are a note."""
    if stored is None:
        return again
    if (stored.engine_version, stored.version) != (again.engine_version, again.version):
        found.notes.append(
            f"Drawn with transect {stored.version} and {stored.engine} {stored.engine_version}; this is "
            f"{again.version} and {again.engine_version}."
        )
    return again.model_copy(update={"engine_version": stored.engine_version, "version": stored.version})


def _labels_again(
    folder: Folder,
    plan: Plan,
    drawn: list[DrawnItem],
    found: Findings,
    *,
    workspace: Workspace,
    trust_snapshot: bool,
) -> list[StandingLabel]:
    """The labels that stand in the ledger, with what is other in the snapshot as a cause."""
    labels = standing_labels(open_state(workspace), policy=plan.policy, items=[item.id for item in drawn])
    try:
        stored = read_snapshot(folder.labels) if folder.labels.is_file() else []
    except TransectError:
        return labels
    if not labels and stored:
        if trust_snapshot:
            found.notes.append("The ledger here holds no label of this study: labels.csv was taken as given.")
            return stored
        found.causes.append(
            Difference(
                "the ledger",
                f"holds none of the {len(stored):,} labels of labels.csv; on another machine than the one where they "
                "were given, --trust-snapshot goes on from labels.csv",
            )
        )
        return labels
    other = sorted({each.item for each in set(labels) ^ set(stored)})
    if other and folder.labels.is_file():
        named = ", ".join(other[:_FEW]) + (f" and {len(other) - _FEW:,} more" if len(other) > _FEW else "")
        found.causes.append(
            Difference("the ledger", f"labels of {len(other):,} items are not those of labels.csv: {named}")
        )
    return labels


def _verify_draft(
    folder: Folder, plan: Plan, estimate: StudyEstimate, manifest: Manifest, found: Findings, *, workspace: Workspace
) -> None:
    draft = found.attempt(folder.draft, lambda: _draft_again(plan, estimate, manifest, workspace))
    if draft is None:
        return
    found.compare(folder.draft, draft.markdown.encode())
    found.compare(folder.page, draft.page.encode())
    found.compare(folder.chart, draft.chart.encode())
    if not folder.signatures.is_file():
        return
    signatures = _read(folder.signatures, Signatures)
    wanted = draft_hash(draft.markdown.encode(), draft.page.encode())
    newest = signatures.signatures[-1].draft_hash if signatures and signatures.signatures else ""
    if newest == wanted:
        found.same.append(folder.signatures.name)
    else:
        found.files.append(Difference(folder.signatures.name, "signs another draft", stored=newest, computed=wanted))


def _draft_again(plan: Plan, estimate: StudyEstimate, manifest: Manifest, workspace: Workspace) -> Draft:
    policy = find_policy(workspace, plan.policy.id)
    return make_draft(plan, estimate, manifest, policy, charts=workspace.state_dir / "charts")


def _read(path: Path, model: type[M]) -> M | None:
    """A file of the folder; None when it is not there or not what it should be, which its bytes then show."""
    try:
        return read_model(path, model, made_by="verify")
    except TransectError:
        return None
