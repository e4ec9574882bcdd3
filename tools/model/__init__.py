"""Language models behind one protocol: what is asked, what comes back, and what an attempt cost.

Model, Request, Reply                 the protocol; one call is one attempt
ScriptedModel                         replies from a list, for tests, evals and transcripts
"""

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
from tools.model.scripted import ScriptedModel

__all__ = [
    "Message",
    "Model",
    "ModelError",
    "ModelErrorKind",
    "Reply",
    "Request",
    "ResponseFormat",
    "ScriptedModel",
    "TokenUsage",
    "ToolCall",
    "ToolSpec",
]
