"""Tool: a prevalence study, planned; a person approves it."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from hashlib import sha256
from typing import Annotated

from pydantic import Field

from agent.execute import Facts
from agent.planners.model.check_prose import check_prose
from agent.planners.model.desk import Arguments, Desk, NotUsable, Told, Tool
from agent.planners.model.metric_arguments import Days
from agent.state import StudyPlan
from tools.errors import Declined, TransectError

_NAME = re.compile(r"[^a-z0-9]+")


class PlanStudy(Arguments):
    """What share of what is to be found out by labelling a sample."""

    dataset: Annotated[str, Field(max_length=200, description="The dataset whose rows are the population.")]
    policy: Annotated[str, Field(max_length=200, description="The policy that decides what counts, by its id.")]
    title: Annotated[str, Field(min_length=1, max_length=120, description="A few words without any number.")]
    period: Annotated[Days | None, Field(description="Days to cover; none covers all the data.")] = None
    strata: Annotated[str | None, Field(max_length=200, description="A column to stratify by.")] = None


def plan_a_study(arguments: PlanStudy, desk: Desk) -> Told:
    """The plan of a study of its own id, which is the same when the turn is taken up again."""
    from tools.study import load_study, new_study, plan_study  # start-up
    from tools.study.folder import folder_of

    if problems := check_prose(arguments.title, {}):
        raise NotUsable(" ".join(problems))
    if not any(name.startswith(f"{arguments.dataset}.") for name in desk.context.columns):
        known = sorted({name.partition(".")[0] for name in desk.context.columns})
        raise NotUsable(f"There is no dataset {arguments.dataset!r}; there are {', '.join(known)}.")
    own = sha256(desk.question.encode()).hexdigest()[:8]
    study = _NAME.sub("-", f"{arguments.policy}-{arguments.dataset}".casefold()).strip("-")[:54] + f"-{own}"
    assumed: tuple[str, ...] = ()
    folder = folder_of(desk.workspace, study)
    made = not folder.spec.exists()
    try:
        if made:
            assumed = new_study(
                desk.workspace,
                study,
                asker=desk.asker,
                frame=arguments.dataset,
                policy=arguments.policy,
                title=" ".join(arguments.title.split()),
                period=None if arguments.period is None else _span(arguments.period),
                strata=arguments.strata,
                audience=desk.asker.audience_roles,
            ).assumed
        plan = plan_study(desk.workspace, study, asker=desk.asker)
    except TransectError as error:
        if made:
            shutil.rmtree(folder.spec.parent, ignore_errors=True)
        if isinstance(error, Declined) and error.reason in ("not_permitted", "small_cell"):
            raise
        allowed = f" There is: {', '.join(map(str, error.allowed[:10]))}." if error.allowed else ""
        raise NotUsable(f"{error.message}{allowed} {error.hint}".strip()) from None
    path = load_study(desk.workspace, study).folder.spec.parent
    outcome = StudyPlan(id=study, path=path.relative_to(desk.workspace.root).as_posix(), assumed=assumed)
    return Told({"planned": study}, f"Planned the study {study}", outcome=outcome, facts=Facts(study=plan))


def _span(days: Days) -> tuple[str, str]:
    return days.first_day.isoformat(), (days.last_day + timedelta(days=1)).isoformat()


PLAN_STUDY = Tool(
    "plan_study",
    "Plan a study that finds a share nobody has measured by having people label a sample under a policy. It is only "
    "planned: a person approves the cost. This ends your turn.",
    PlanStudy,
    plan_a_study,
)
