"""What must hold before a step: a plan that is whole, approved and affordable, a frame and policy that did not move."""

from __future__ import annotations

from tools.errors import Declined, InvalidInput
from tools.labeling import Policy, find_policy
from tools.sampling import Manifest
from tools.study.approval import Approval
from tools.study.load_study import Study
from tools.study.may_approve import may_approve
from tools.study.plan import Plan
from tools.workspace import Settings, Workspace
from tools.workspace.text_file import show_path


def require_plan(study: Study) -> Plan:
    """The plan of the study as it now stands.

    Raises:
        InvalidInput: there is none, plan.json was edited, or study.yml was edited after it.
    """
    plan = study.plan
    if plan is None:
        raise InvalidInput(
            f"{study.id!r} has no plan yet.", code="no_plan", value=study.id, hint=f"transect study plan {study.id}"
        )
    if plan.hash != plan.content_hash():
        raise InvalidInput(
            f"{show_path(study.folder.plan)} was edited: its content is not what its hash says.",
            code="plan_edited",
            value=plan.hash,
            hint=f"Change study.yml instead, then: transect study plan {study.id}",
            where=show_path(study.folder.plan),
        )
    if plan.spec != study.spec:
        raise InvalidInput(
            f"{show_path(study.folder.spec)} was edited after the plan was made.",
            code="spec_edited",
            value=study.id,
            hint=f"Plan it anew, and let the new plan be approved: transect study plan {study.id}",
            where=show_path(study.folder.spec),
        )
    return plan


def require_approval(study: Study, plan: Plan, settings: Settings) -> Approval:
    """The approval of exactly this plan.

    Raises:
        Declined: there is none; it was given to another plan; its budget is below the plan's cost; whoever gave it may
            not approve.
    """
    approval, again = study.approval, f"transect study approve {study.id} --by PERSON --budget USD"
    if approval is None:
        raise Declined(
            f"The plan of {study.id!r} is not approved: labels cost money and people's time.",
            reason="not_permitted",
            rule="not_approved",
            value=study.id,
            hint=again,
        )
    if approval.plan_hash != plan.hash:
        raise Declined(
            f"The plan of {study.id!r} changed after it was approved: {approval.plan_hash[:12]} was approved, "
            f"{plan.hash[:12]} is planned now.",
            reason="not_permitted",
            rule="other_plan",
            value=approval.plan_hash,
            hint=again,
        )
    refuse_small_budget(plan, approval.budget_usd)
    permission = may_approve(approval.by, settings)
    if not permission:
        raise Declined(
            f"The approval does not count. {permission.why}",
            reason="not_permitted",
            rule="not_an_approver",
            value=approval.by,
            allowed=list(settings.study.approvers),
            hint=again,
        )
    return approval


def refuse_small_budget(plan: Plan, budget_usd: float) -> None:
    """Raises Declined when the plan costs more than the budget."""
    if budget_usd < plan.cost.usd:
        raise Declined(
            f"The plan costs ${plan.cost.usd:,.2f} ({plan.cost.labels:,} labels at ${plan.cost.usd_per_label:,.2f}), "
            f"more than the budget of ${budget_usd:,.2f}.",
            reason="too_expensive",
            value=budget_usd,
            hint="Raise the budget, or plan a smaller study: a smaller size.n or a larger size.width.",
        )


def require_policy(plan: Plan, workspace: Workspace) -> Policy:
    """The policy, word for word as it was planned; raises InvalidInput when it was edited."""
    policy = find_policy(workspace, plan.policy.id)
    if policy.version != plan.policy.version or policy.hash != plan.policy.hash:
        what = "edited" if policy.version == plan.policy.version else f"raised to version {policy.version}"
        raise InvalidInput(
            f"The policy {policy.id!r} was {what} after the study was planned under version {plan.policy.version}.",
            code="policy_changed",
            value=policy.hash,
            allowed=[plan.policy.hash],
            hint="Labels under two texts do not add up. Put the file back as it was, or start a new study.",
            where=show_path(policy.path),
        )
    return policy


def require_sample(study: Study, plan: Plan) -> Manifest:
    """The manifest of the sample that this plan draws.

    Raises:
        InvalidInput: nothing is drawn yet, or it was drawn under another plan.
    """
    manifest = study.manifest
    if manifest is None or not study.folder.sample.is_file():
        raise InvalidInput(
            f"Nothing is drawn for {study.id!r} yet.",
            code="no_sample",
            value=study.id,
            hint=f"transect study draw {study.id}",
        )
    if (
        manifest.design != plan.design
        or manifest.seed != plan.spec.seed
        or manifest.stage != plan.stage
        or manifest.frame.fingerprint != plan.frame.fingerprint
    ):
        raise InvalidInput(
            f"The sample of {study.id!r} was drawn under another plan.",
            code="other_sample",
            value=study.id,
            hint=f"transect study draw {study.id}",
        )
    return manifest


def frame_changed(plan: Plan, fingerprint: str) -> Declined:
    """The outcome when the frame is not the one that was planned on."""
    return Declined(
        f"The frame changed after the plan: {plan.frame.table} reads {fingerprint}, and was {plan.frame.fingerprint}.",
        reason="stale",
        rule="frame_changed",
        value=fingerprint,
        allowed=[plan.frame.fingerprint],
        hint=f"Plan on the frame as it is now, and let that plan be approved: transect study plan {plan.study}",
    )
