"""Questions that the embedded planner could not read, planned by a model: a bounded loop of tools.

begin_dialogue                        what the model is told first
ask_model                             one call, within the budgets, paid once
use_tools                             what it wanted called, or its prose, checked
"""

from agent.planners.model.ask_model import ask_model
from agent.planners.model.begin import begin_dialogue
from agent.planners.model.dialogue import Dialogue, Found
from agent.planners.model.use_tools import use_tools

__all__ = ["Dialogue", "Found", "ask_model", "begin_dialogue", "use_tools"]
