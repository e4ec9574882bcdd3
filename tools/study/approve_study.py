"""A person's yes to exactly one plan, and to what it may cost."""

from __future__ import annotations

import math

from tools.access import Asker
from tools.access.asker import Surface
from tools.errors import Declined, InvalidInput
from tools.state import append_audit, open_state
from tools.study.approval import Approval
from tools.study.folder import write_model
from tools.study.guard_steps import refuse_small_budget, require_plan
from tools.study.load_study import load_study
from tools.study.may_approve import may_approve
from tools.study.receipts import write_receipt
from tools.workspace import Workspace


def approve_study(workspace: Workspace, id: str, *, by: str, budget_usd: float, surface: Surface = "cli") -> Approval:
    """Record that `by` approves the plan as it stands, up to a budget; an earlier approval is replaced.

    Args:
        workspace, id: the study.
        by: the person, as `study.approvers` names them.
        budget_usd: what the labels may cost, in US dollars.
        surface: where they said so.

    Raises:
        InvalidInput: no plan, or one that was edited; a budget that is no amount.
        Declined: this person may not approve (`not_permitted`), or the plan costs more (`too_expensive`).
    """
    if not math.isfinite(budget_usd) or budget_usd < 0:
        raise InvalidInput("A budget is an amount of 0 or more.", code="usage", value=budget_usd, hint="--budget 250")
    study = load_study(workspace, id)
    plan = require_plan(study)
    permission = may_approve(by, workspace.settings)
    if not permission:
        raise Declined(
            f"{permission.why}",
            reason="not_permitted",
            rule="not_an_approver",
            value=by,
            allowed=list(workspace.settings.study.approvers),
            hint="Ask one of them, or have the list changed in transect.toml.",
        )
    refuse_small_budget(plan, budget_usd)
    approval = Approval(study=id, plan_hash=plan.hash, by=by, budget_usd=budget_usd, cost_usd=plan.cost.usd)
    asker = Asker(person=by, roles=(), surface=surface)
    detail = {"study": id, "plan": plan.hash, "budget_usd": budget_usd}
    append_audit(open_state(workspace), action="study_approve", asker=asker, detail=detail)
    write_model(study.folder.approval, approval)
    write_receipt(study.folder, "approve", asker=asker, files=[study.folder.approval], plan=plan.hash)
    return approval
