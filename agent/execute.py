"""A plan to facts: figures from the semantic layer, or what the catalog says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from agent.stale import find_stale
from agent.state import ApprovePlan, DeclinePlan, ExplainPlan, FreshnessPlan, ListPlan, Plan, QueryPlan, SqlPlan
from agent.understand import planner_context
from tools.access import Asker
from tools.errors import Declined, InvalidInput, InvalidWorkspace, Reason
from tools.figure import Break
from tools.metrics.breaks import find_breaks
from tools.metrics.catalog import catalog_of
from tools.metrics.definitions import Metric
from tools.metrics.profile import profile_of
from tools.metrics.query import QueryResult
from tools.metrics.run import run_query
from tools.workspace import Workspace

if TYPE_CHECKING:
    from tools.study import Plan as StudyDesign


@dataclass(frozen=True)
class Freshness:
    """How new one dataset is."""

    dataset: str
    first: date | None
    last: date | None
    newest: datetime | date | None


@dataclass(frozen=True)
class Beside:
    """A further result that a model's words speak of."""

    plan: QueryPlan | SqlPlan
    result: QueryResult


@dataclass(frozen=True)
class Facts:
    """What a plan found. One of the first fields is set, as the plan's kind says.

    Attributes:
        result, metrics, lines, freshness: of a query, an explanation, a list, a look at how new the data is.
        beside: of a model's plan, the results that stand beside `result`.
        study: of a study's plan.
        breaks: days inside the figures' periods from which on a metric measures something else.
        prose: of a model's plan, its sentences with the figures filled in; empty for none.
    """

    result: QueryResult | None = None
    metrics: tuple[Metric, ...] = ()
    cuts: tuple[tuple[str, ...], ...] = ()  # of each of the metrics, the dimensions that may be named
    lines: tuple[tuple[str, str], ...] = ()  # name and what it is
    freshness: tuple[Freshness, ...] = ()
    beside: tuple[Beside, ...] = ()
    study: StudyDesign | None = None
    breaks: tuple[Break, ...] = ()
    prose: str = ""


def execute(plan: Plan, *, workspace: Workspace, asker: Asker) -> Facts | DeclinePlan:
    """Carry out a plan. What may not be shown or cannot be supported comes back as a decline."""
    if isinstance(plan, QueryPlan):
        if (stale := find_stale(plan, workspace=workspace)) is not None:
            return stale
        try:
            result = run_query(plan.query, workspace=workspace, asker=asker, tested=plan.tested)
        except Declined as declined:
            steps = (*_steps(declined), *_owner(plan, declined.reason, workspace))
            return DeclinePlan(reason=declined.reason, message=declined.message, next_steps=steps)
        except InvalidInput as invalid:
            return DeclinePlan(reason="unsupported_cut", message=invalid.message, next_steps=_steps(invalid))
        if plan.change_to_see is None:
            return Facts(result=result, breaks=_breaks(plan, result, workspace))
        from agent.size_change import size_change  # start-up

        sized = size_change(plan, result)
        return sized if isinstance(sized, DeclinePlan) else Facts(result=sized)
    if isinstance(plan, ExplainPlan):
        return _explain(plan, workspace, asker)
    if isinstance(plan, ListPlan):
        return _list(plan, workspace, asker)
    if isinstance(plan, FreshnessPlan):
        return _freshness(plan, workspace, asker)
    if isinstance(plan, ApprovePlan):
        return _approve(plan, workspace, asker)
    return Facts()


def _breaks(plan: QueryPlan, result: QueryResult, workspace: Workspace) -> tuple[Break, ...]:
    """Of versions alone where events.yml has faults: `transect doctor` names them, and no question fails for them."""
    from tools.workspace.events import read_events  # start-up

    try:
        events = read_events(workspace.root)
    except InvalidWorkspace:
        events = ()
    catalog, profile = catalog_of(workspace), profile_of(workspace)
    return find_breaks(plan.query, result.figures, events=events, catalog=catalog, profile=profile)


def _approve(plan: ApprovePlan, workspace: Workspace, asker: Asker) -> Facts | DeclinePlan:
    from tools.study import approve_study, load_study  # start-up

    study = load_study(workspace, plan.id).plan
    if study is None:
        return DeclinePlan(reason="no_data", message=f"The study {plan.id} has no plan any more.", understood=True)
    budget = study.cost.usd if plan.budget_usd is None else plan.budget_usd
    try:
        approve_study(workspace, plan.id, by=asker.person, budget_usd=budget, surface=asker.surface)
    except Declined as declined:
        return DeclinePlan(reason=declined.reason, message=declined.message, next_steps=_steps(declined))
    return Facts(study=study)


def _owner(plan: QueryPlan, reason: Reason, workspace: Workspace) -> tuple[str, ...]:
    """Whom to ask about data that are missing, too few or not to be corrected; nobody where the metric is not shown."""
    if reason not in ("no_data", "underpowered", "uncorrectable", "unsupported_cut"):
        return ()
    metrics = catalog_of(workspace).metrics
    owners = dict.fromkeys(metrics[name].owner for name in plan.query.metrics if metrics[name].owner)
    return tuple(f"Ask {owner}, who owns this metric, what can be done." for owner in owners)


def _steps(error: Declined | InvalidInput) -> tuple[str, ...]:
    allowed = f"Known: {', '.join(str(a) for a in error.allowed[:8])}." if error.allowed else ""
    return tuple(s for s in (error.hint, allowed) if s)


def _explain(plan: ExplainPlan, workspace: Workspace, asker: Asker) -> Facts | DeclinePlan:
    context = planner_context(workspace, asker)
    metrics, lines = [], []
    for name in plan.names:
        if name in context.catalog.metrics:
            if name in context.usable:
                metrics.append(context.catalog.metrics[name])
            continue
        owner, _, inner = name.partition(".")
        dataset = context.catalog.datasets[owner]
        if not inner and not any(c.startswith(f"{owner}.") for c in context.columns):
            continue
        if inner and name not in context.columns:
            continue
        if not inner:
            lines.append((owner, dataset.description or f"Each row is one {dataset.unit}."))
            continue
        for kind, known in (("dimension", dataset.dimensions), ("measure", dataset.measures)):
            for described in known:
                if described.name == inner:
                    text = described.description or f"A {kind} of {dataset.name}: column {described.column}."
                    lines.append((inner, text))
    if not metrics and not lines:
        return DeclinePlan(reason="not_permitted", message="This definition is not visible to your role.")
    cuts = tuple(tuple(context.cuts(metric.name)) for metric in metrics)
    return Facts(metrics=tuple(metrics), cuts=cuts, lines=tuple(lines))


def _list(plan: ListPlan, workspace: Workspace, asker: Asker) -> Facts | DeclinePlan:
    context = planner_context(workspace, asker)
    catalog = context.catalog
    if plan.what == "metrics":
        expanded = {m.metric for m in catalog.measures}
        shown = [m for n, m in catalog.metrics.items() if n in context.usable and n not in expanded]
        lines = [(m.name, m.description) for m in shown]
        for dataset in catalog.datasets.values():
            for measure in dataset.measures:
                names = [m.metric for m in catalog.measures if (m.dataset, m.measure) == (dataset.name, measure.name)]
                if set(names) & context.usable:
                    lines.append(
                        (measure.name, f"{', '.join(measure.aggregations)} of {measure.description or measure.column}")
                    )
        return Facts(lines=tuple(lines))
    if plan.what == "dimensions":
        found: dict[str, str] = {}
        for name in plan.names or tuple(n for n in catalog.metrics if n in context.usable):
            for key, ref in catalog.dimensions_for(name).items():
                if ref.measured or f"{ref.dataset}.{ref.dimension.name}" not in context.columns:
                    continue
                found.setdefault(key, ref.dimension.description or f"column {ref.dimension.column} of {ref.dataset}")
        return Facts(lines=tuple(found.items()))
    for name in plan.names:
        owner, _, inner = name.partition(".")
        values = context.profile.datasets[owner].values.get(inner)
        if values is not None and len(values) > 0:
            return Facts(lines=tuple((str(v), "") for v, _ in values[:50]))
    return DeclinePlan(reason="not_permitted", message="The values of this dimension are not visible to your role.")


def _freshness(plan: FreshnessPlan, workspace: Workspace, asker: Asker) -> Facts | DeclinePlan:
    context = planner_context(workspace, asker)
    visible = {d.name for n in context.usable for d in context.catalog.datasets_of(n)}
    found = []
    for name in plan.datasets:
        data = context.profile.datasets.get(name)
        if data is not None and name in visible:
            found.append(Freshness(name, data.first, data.last, data.newest))
    if not found:
        return DeclinePlan(reason="not_permitted", message="This dataset is not visible to your role.")
    return Facts(freshness=tuple(found))
