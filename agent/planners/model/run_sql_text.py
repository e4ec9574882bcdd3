"""Tool: SQL text, a lower tier of numbers that no definition stands behind."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agent.planners.embedded import Context
from agent.planners.model.describe_figures import figures_as_data, number_figures
from agent.planners.model.desk import Arguments, Desk, NotUsable, Told, Tool
from agent.state import SqlPlan
from tools.access import Allowed, Asker, Usage, decide
from tools.errors import Declined, InvalidInput
from tools.metrics.sql_tier import run_sql
from tools.workspace import Workspace


class RunSql(Arguments):
    """One SELECT."""

    sql: Annotated[
        str,
        Field(
            min_length=1,
            max_length=4000,
            description="One DuckDB SELECT that aggregates: what it groups by first, one number last.",
        ),
    ]


def run_sql_text(arguments: RunSql, desk: Desk) -> Told:
    """The figures of the statement, marked as nobody's; or what is wrong with it."""
    try:
        ran = run_sql(arguments.sql, workspace=desk.workspace, asker=desk.asker, shown=shown_texts(desk.context))
    except (Declined, InvalidInput) as error:
        allowed = f" There is: {', '.join(map(str, error.allowed[:20]))}." if error.allowed else ""
        raise NotUsable(f"{error.message}{allowed} {error.hint}".strip()) from None
    if not ran.result.figures:
        return Told({"declined": "no_data", "because": "No row came back."}, "Ran SQL text")
    found = number_figures(SqlPlan(sql=arguments.sql, columns=ran.columns), ran.result, after=desk.figures)
    return Told(figures_as_data(found), "Ran SQL text", found=found)


def shown_texts(context: Context) -> frozenset[str]:
    """Values of dimensions that the asker may see: the only texts that a result of SQL text may show."""
    return frozenset(
        value
        for data in context.profile.datasets.values()
        for values in data.values.values()
        for value, _ in values
        if isinstance(value, str)
    )


def may_run_sql(workspace: Workspace, asker: Asker) -> bool:
    """Whether SQL text is open to this asker and audience at all: it cannot keep small cells back."""
    allowed = decide(asker, Usage(), workspace.settings.access)
    return isinstance(allowed, Allowed) and allowed.min_cell == 1


RUN_SQL = Tool(
    "run_sql",
    "Run one SELECT where no definition covers the question. A lower tier: its numbers belong to no definition and are "
    "shown as such. The tables are listed when a name is wrong. Texts other than values of dimensions are withheld.",
    RunSql,
    run_sql_text,
)
