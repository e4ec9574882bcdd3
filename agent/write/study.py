"""A planned or approved study as an Answer."""

from __future__ import annotations

from agent.state import ApprovePlan, StudyPlan
from tools.reporting.format import clean_text
from tools.reporting.prose import render
from tools.study import Plan
from tools.workspace import Settings


def write_study_headline(plan: StudyPlan | ApprovePlan, study: Plan) -> str:
    """Size, frame, cost, and what is waited for."""
    if isinstance(plan, ApprovePlan):
        budget = study.cost.usd if plan.budget_usd is None else plan.budget_usd
        return render(
            "The study {id} is approved by {by}, up to ${budget}: {n} {unit}s of {units} are to be labelled.",
            id=study.study,
            by=clean_text(plan.by),
            budget=f"{budget:,.2f}",
            n=f"{study.n:,}",
            unit=clean_text(study.frame.unit),
            units=f"{study.frame.units:,}",
        )
    return render(
        "The study {id} is planned: {n} {unit}s of {units} would be labelled for about ${cost}; it waits for approval.",
        id=study.study,
        n=f"{study.n:,}",
        unit=clean_text(study.frame.unit),
        units=f"{study.frame.units:,}",
        cost=f"{study.cost.usd:,.2f}",
    )


def describe_study(plan: StudyPlan | ApprovePlan, study: Plan) -> list[str]:
    """How the number will be found, one plain sentence a line."""
    expected = study.expected
    lines = [
        study.spec.estimand.words,
        render(
            "Policy {policy}, version {version}. Design {design}, seed {seed}.",
            policy=study.policy.id,
            version=str(study.policy.version),
            design=study.spec.design.type,
            seed=str(study.spec.seed),
        ),
        render(
            "Expected interval: {low} to {high} at {level}, if the share is {assumed}.",
            low=_percent(expected.low),
            high=_percent(expected.high),
            level=_percent(expected.level),
            assumed=_percent(expected.prevalence),
        ),
    ]
    assumed = plan.assumed if isinstance(plan, StudyPlan) else ()
    return [clean_text(line) for line in (*lines, *(f"Assumed {a.removesuffix('.')}." for a in assumed))]


def next_steps(plan: StudyPlan | ApprovePlan, study: Plan, settings: Settings) -> tuple[str, ...]:
    """What a person does now."""
    if isinstance(plan, ApprovePlan):
        return (f"transect study draw {study.study}",)
    approvers = ", ".join(settings.study.approvers)
    who = f" ({approvers} may)" if approvers else ""
    return (
        f"Reply \u201capprove\u201d to approve this plan and its cost{who}.",
        f"To change it, edit studies/{study.study}/study.yml and run: transect study plan {study.study}",
    )


def _percent(share: float) -> str:
    return f"{100 * share:.4g}%"
