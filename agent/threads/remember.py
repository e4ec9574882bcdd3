"""What is kept of a turn."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from agent.planners.embedded.canonical import write_query
from agent.state import Answer, Plan, QueryPlan, Question
from agent.threads.past_turn import PastTurn
from tools.access import Allowed, Asker, Policy, decide
from tools.metrics.catalog import catalog_of
from tools.metrics.usage import usage_of

if TYPE_CHECKING:
    from tools.workspace import Workspace


def remember(question: Question, plan: Plan, answer: Answer, *, workspace: Workspace, asker: Asker) -> PastTurn:
    """The turn without its numbers' cells: words, query, headline, and what a reader must be allowed to use.

    Args:
        question: with its id.
        plan: what was carried out in the end.
        answer: what was shown.
        workspace, asker: where, and for whom.
    """
    policy = workspace.settings.access
    turn = PastTurn(
        id=question.id or "",
        question=question.text,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        person=asker.person,
        roles=asker.roles,
        audience_roles=asker.audience_roles,
        surface=asker.surface,
        kind=answer.kind,
        reason=answer.reason,
        headline=answer.headline,
        figures=tuple(f.id for f in answer.figures),
        choices=answer.choices,
        access=access_hash(policy),
        study=answer.study,
    )
    if not isinstance(plan, QueryPlan) or answer.kind != "answer":
        return turn
    catalog = catalog_of(workspace)
    usage = usage_of(plan.query, catalog)
    allowed = decide(asker, usage, policy)
    times = {  # a headline says the period
        f"{dataset.source}.{dataset.time}"
        for name in (*plan.query.metrics, *([plan.query.per] if plan.query.per is not None else []))
        for dataset in catalog.datasets_of(name)
        if dataset.time is not None and any(f.period is not None for f in answer.figures)
    }
    return turn.model_copy(
        update={
            "query": write_query(plan.query),
            "relative": plan.relative,
            "tables": tuple(sorted(usage.tables)),
            "columns": tuple(sorted(usage.columns | times)),
            "min_cell": allowed.min_cell if isinstance(allowed, Allowed) else 1,
        }
    )


def access_hash(policy: Policy) -> str:
    """Equal hashes mean that every role may use the same."""
    return sha256(policy.model_dump_json().encode()).hexdigest()[:16]
