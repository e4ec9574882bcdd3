"""The tools of the model planner, and which of them an asker's turn has."""

from __future__ import annotations

from functools import cache

from agent.planners.model.ask_back import ASK_BACK
from agent.planners.model.decline import DECLINE
from agent.planners.model.desk import Tool
from agent.planners.model.list_values import LIST_VALUES
from agent.planners.model.plan_a_study import PLAN_STUDY
from agent.planners.model.query_metrics import QUERY_METRICS
from agent.planners.model.run_sql_text import RUN_SQL, may_run_sql
from agent.planners.model.search_catalog import SEARCH_CATALOG
from tools.access import Asker
from tools.model import ToolSpec
from tools.workspace import Workspace

TOOLS: tuple[Tool, ...] = (SEARCH_CATALOG, QUERY_METRICS, LIST_VALUES, RUN_SQL, PLAN_STUDY, ASK_BACK, DECLINE)


def tools_for(workspace: Workspace, asker: Asker) -> tuple[Tool, ...]:
    """All of them; SQL text only where small cells need not be kept back."""
    return tuple(t for t in TOOLS if t is not RUN_SQL or may_run_sql(workspace, asker))


@cache
def specify(tool: Tool) -> ToolSpec:
    """The tool as a model is told of it: a closed JSON Schema."""
    return ToolSpec(tool.name, tool.description, tool.arguments.model_json_schema(by_alias=True))
