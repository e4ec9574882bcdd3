"""Tool: figures of governed metrics."""

from __future__ import annotations

from agent.execute import execute
from agent.planners.embedded.canonical import write_query
from agent.planners.model.describe_figures import figures_as_data, number_figures
from agent.planners.model.desk import Desk, Told, Tool
from agent.planners.model.metric_arguments import MetricArguments, read_metric_arguments
from agent.state import DeclinePlan, QueryPlan

FINAL = ("not_permitted", "small_cell")  # a refusal is no puzzle to be worked around


def query_metrics(arguments: MetricArguments, desk: Desk) -> Told:
    """The figures; why there are none; or the end of the turn where they may not be shown."""
    query = read_metric_arguments(arguments, desk.context)
    plan = QueryPlan(
        query=query, relative=arguments.relative, assumptions=(f"A model read the question as: {write_query(query)}.",)
    )
    step = f"Queried {', '.join(query.metrics)}"
    facts = execute(plan, workspace=desk.workspace, asker=desk.asker)
    if isinstance(facts, DeclinePlan):
        if facts.reason in FINAL:
            return Told({"declined": facts.reason}, step, outcome=facts)
        return Told({"declined": facts.reason, "because": facts.message, "try": list(facts.next_steps)}, step)
    assert facts.result is not None
    found = number_figures(plan, facts.result, after=desk.figures)
    return Told(figures_as_data(found), step, found=found)


QUERY_METRICS = Tool(
    "query_metrics",
    "The figures of one or more metrics: over all the data or a period, broken down, filtered, as a trend or compared "
    "with another period. A comparison gives the change, the new and the old value.",
    MetricArguments,
    query_metrics,
)
