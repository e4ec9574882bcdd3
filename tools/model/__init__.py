"""Language models behind one protocol: what is asked, what comes back, and what an attempt cost.

Model, Request, Reply                 the protocol; one call is one attempt
open_model                            the model that the settings name, on the openai client
call_model                            one call, paid once: budget held, attempts recorded, tried again within bounds
cost_of, prices_of, require_prices    what tokens cost; None when a price is not known
Budget, Spent, spent                  what the calls of a run or a question may cost, and did
ScriptedModel                         replies from a list, for tests, evals and transcripts
"""

from tools.model.budget import Budget, Spent, spent
from tools.model.call import ModelCall, call_model
from tools.model.open_model import open_model
from tools.model.prices import Prices, cost_of, prices_of, require_prices
from tools.model.protocol import (
    Message,
    Model,
    ModelError,
    ModelErrorKind,
    Reply,
    Request,
    ResponseFormat,
    TokenUsage,
    ToolCall,
    ToolSpec,
)
from tools.model.retries import Retries
from tools.model.scripted import ScriptedModel

__all__ = [
    "Budget",
    "Message",
    "Model",
    "ModelCall",
    "ModelError",
    "ModelErrorKind",
    "Prices",
    "Reply",
    "Request",
    "ResponseFormat",
    "Retries",
    "ScriptedModel",
    "Spent",
    "TokenUsage",
    "ToolCall",
    "ToolSpec",
    "call_model",
    "cost_of",
    "open_model",
    "prices_of",
    "require_prices",
    "spent",
]
