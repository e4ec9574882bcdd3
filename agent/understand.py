"""A question to a plan, with what this asker may see in view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from agent.planners.embedded import Context, build_lexicon, plan_question
from agent.planners.embedded.canonical import read_query
from agent.planners.embedded.lexicon import Lexicon
from agent.state import ClarifyPlan, DeclinePlan, Plan, QueryPlan, Question
from agent.threads.past_turn import PastTurn
from tools.access import Asker
from tools.access.decide import Allowed, Usage, decide
from tools.metrics.catalog import Catalog, catalog_of
from tools.metrics.check_metric import columns_of
from tools.metrics.profile import Profile, profile_of
from tools.workspace import Workspace

MOST_CHARACTERS = 2000


def understand(
    question: Question, *, workspace: Workspace, asker: Asker, conversation: Sequence[PastTurn] = ()
) -> Plan:
    """What is asked for; with `choose`, the reading picked from the clarification this question gets.

    Args:
        question: as typed.
        workspace, asker: where, and who asks.
        conversation: the turns before that this asker may see, oldest first; a fragment is read onto the last query.
    """
    if len(question.text) > MOST_CHARACTERS:
        return DeclinePlan(
            reason="too_expensive",
            message=f"The question has {len(question.text)} characters; at most {MOST_CHARACTERS} are read.",
            next_steps=("Ask one question at a time.",),
            understood=True,
        )
    context = planner_context(workspace, asker)
    plan: Plan = plan_question(question.text, context=context)
    before = last_query(conversation, context.catalog)
    if before is not None:
        from agent.planners.follow_up import read_follow_up  # start-up

        follow_up = read_follow_up(question.text, before=before, alone=plan, context=context)
        plan = plan if follow_up is None else follow_up.plan
    if question.choose is None or not isinstance(plan, ClarifyPlan):
        return plan
    if question.choose > len(plan.choices):
        return plan
    return plan_question(plan.choices[question.choose - 1].query, context=context)


def last_query(conversation: Sequence[PastTurn], catalog: Catalog) -> QueryPlan | None:
    """The query that a fragment leans on: the last answered one, with nothing but questions back or declines since."""
    for turn in reversed(conversation):
        if turn.query:
            query = read_query(turn.query, metrics=tuple(catalog.metrics))
            return None if query is None else QueryPlan(query=query, relative=turn.relative)
        if turn.kind not in ("clarification", "declined"):
            return None
    return None


def planner_context(workspace: Workspace, asker: Asker) -> Context:
    """Catalog, data profile and words as this asker may see them."""
    catalog, profile = catalog_of(workspace), profile_of(workspace)
    seen = _visible(catalog, profile, workspace, asker)
    return Context(
        catalog=catalog,
        profile=seen.profile,
        lexicon=seen.lexicon,
        today=workspace.today(),
        fiscal_start=workspace.settings.workspace.fiscal_year_start,
        usable=seen.usable,
        columns=seen.columns,
    )


@dataclass(frozen=True)
class _Visible:
    profile: Profile
    lexicon: Lexicon
    usable: frozenset[str]
    columns: frozenset[str]


@dataclass(frozen=True, eq=False)
class _Seen:
    """Cache key: the very objects (catalogs and profiles are cached per file identity) and who looks."""

    catalog: Catalog
    profile: Profile
    workspace: Workspace
    asker: Asker

    def __hash__(self) -> int:
        return hash((id(self.catalog), id(self.profile), self.asker.roles, self.asker.audience_roles))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Seen)
            and self.catalog is other.catalog
            and self.profile is other.profile
            and self.workspace.settings.access == other.workspace.settings.access
            and (self.asker.roles, self.asker.audience_roles) == (other.asker.roles, other.asker.audience_roles)
        )


def _visible(catalog: Catalog, profile: Profile, workspace: Workspace, asker: Asker) -> _Visible:
    return _look(_Seen(catalog, profile, workspace, asker))


@lru_cache(maxsize=16)
def _look(seen: _Seen) -> _Visible:
    """Values of columns the asker may not use are never offered, matched or corrected to."""
    catalog, asker, policy = seen.catalog, seen.asker, seen.workspace.settings.access

    def allowed(table: str, column: str | None = None) -> bool:
        usage = Usage(tables=frozenset({table}), columns=frozenset({f"{table}.{column}"} if column else ()))
        return isinstance(decide(asker, usage, policy), Allowed)

    datasets = {}
    for name, data in seen.profile.datasets.items():
        source = catalog.datasets[name].source
        columns = {d.name: d.column for d in catalog.datasets[name].dimensions}
        values = {d: v for d, v in data.values.items() if d in columns and allowed(source, columns[d])}
        datasets[name] = replace(data, values=values)
    profile = replace(seen.profile, datasets=datasets)
    usable = frozenset(
        name
        for name, metric in catalog.metrics.items()
        if all(allowed(d.source) for d in catalog.datasets_of(name))
        and all(
            allowed(catalog.datasets[of].source, column)
            for _, of, column in columns_of(metric)
            if of in catalog.datasets
        )
    )
    seen_parts = [
        (dataset, name, column)
        for dataset in catalog.datasets.values()
        for name, column in (
            *((d.name, d.column) for d in dataset.dimensions),
            *((m.name, m.column) for m in dataset.measures),
        )
    ]
    shown = frozenset(f"{d.name}.{name}" for d, name, column in seen_parts if allowed(d.source, column))
    return _Visible(profile, build_lexicon(catalog, profile), usable, shown)
