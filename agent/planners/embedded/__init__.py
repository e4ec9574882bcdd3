"""The embedded planner: catalog words, a time grammar and compositional rules; no model, no cost."""

from agent.planners.embedded.context import Context
from agent.planners.embedded.lexicon import build_lexicon
from agent.planners.embedded.plan import plan_question

__all__ = ["Context", "build_lexicon", "plan_question"]
