"""One call of the model in a turn: within its budgets, recorded, and never paid twice."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

from agent.planners.model.dialogue import Dialogue
from agent.planners.model.prompts import PROMPT_HASHES
from agent.state import ClarifyPlan, DeclinePlan, Plan, Question, Usage
from agent.threads.remember import access_hash
from tools.access import Asker
from tools.errors import Declined, TransectError
from tools.model import Budget, Model, ModelCall, Request, Retries, call_model, require_prices
from tools.state import open_state
from tools.workspace import Workspace

_MOST_SECONDS = 120.0  # of one call, which has half of what is left: a hanging one is tried once more
_MOST_OUTPUT_TOKENS = 1024


def ask_model(
    dialogue: Dialogue,
    *,
    question: Question,
    thread: str,
    workspace: Workspace,
    asker: Asker,
    model: Callable[[], Model],
) -> Dialogue:
    """The dialogue with the model's reply; or ended, with what the embedded planner said and why, where none came.

    Args:
        dialogue: so far.
        question: with its id; calls are recorded as `turn:<thread>:<id>:<n>@<access>`, so that a turn that is taken up
            again after a kill is answered from the record, and never from what was said to somebody who may see more.
        thread: of the conversation.
        workspace, asker: where, and for whom; `limits.model_calls`, `cost_usd` and `model_seconds` are of one question.
        model: opens the model.
    """
    limits = workspace.settings.limits
    left = limits.model_seconds - (time.monotonic() - dialogue.begun)
    if dialogue.calls >= limits.model_calls:
        return _too_much(dialogue, f"the model did not come to an answer within {limits.model_calls} calls")
    if left <= 0:
        return _too_much(dialogue, f"the model did not come to an answer within {limits.model_seconds:g} seconds")
    try:
        scope = f"turn:{thread}:{question.id}"
        key = f"{scope}:{dialogue.calls + 1}@{_access(workspace, asker)}"
        call = _call(
            dialogue,
            scope,
            key,
            workspace,
            model(),
            seconds=max(round(min(left / 2, _MOST_SECONDS), 1), 0.1),
            left=left,
        )
    except Declined as declined:
        return _too_much(dialogue, declined.message.removesuffix(".").replace("The ", "the ", 1))
    except TransectError as error:
        return dialogue.give_up(f"The model could not be asked: {error.message}")
    return replace(
        dialogue,
        reply=call.reply,
        calls=dialogue.calls + 1,
        usage=_add(dialogue.usage, call),
        served_by=call.reply.served_by or dialogue.served_by,
        step="Took the model's plan from the record" if call.replayed else "Asked the model",
    )


def _call(
    dialogue: Dialogue, scope: str, key: str, workspace: Workspace, model: Model, *, seconds: float, left: float
) -> ModelCall:
    limits = workspace.settings.limits
    return call_model(
        open_state(workspace),
        key,
        model,
        Request(
            messages=dialogue.messages,
            tools=dialogue.tools,
            max_output_tokens=_MOST_OUTPUT_TOKENS,
            seconds=seconds,
        ),
        budget=Budget(scope=scope, cost_usd=limits.cost_usd, model_calls=limits.model_calls),
        prices=require_prices(workspace.settings.model),
        stored_request=_describe(dialogue, model.name),
        retries=Retries(attempts=3, total_seconds=left, repeats=1),
    )


def _describe(dialogue: Dialogue, model: str) -> dict[str, Any]:
    """What is recorded of a request: its hash, and no word of it."""
    said = [(m.role, m.content, [(c.name, c.arguments) for c in m.tool_calls]) for m in dialogue.messages]
    digest = sha256(json.dumps(said).encode()).hexdigest()
    return {"model": model, "hash": digest, "messages": len(said), "prompts": PROMPT_HASHES}


def _access(workspace: Workspace, asker: Asker) -> str:
    """Equal for askers and audiences who may see the same."""
    seen = (*sorted(asker.roles), "", *sorted(asker.audience_roles), access_hash(workspace.settings.access))
    return sha256("\0".join(seen).encode()).hexdigest()[:8]


def _too_much(dialogue: Dialogue, why: str) -> Dialogue:
    """A budget has ended: what was asked back stands, anything else is too expensive."""
    if isinstance(dialogue.embedded, ClarifyPlan):
        return dialogue.give_up(f"A model was asked as well, but {why}.")
    outcome: Plan = DeclinePlan(
        reason="too_expensive",
        message=f"This was not answered: {why}.",
        next_steps=(dialogue.embedded.message, *dialogue.embedded.next_steps),
        understood=True,
    )
    return replace(dialogue, reply=None, outcome=outcome, step=f"Stopped: {why}")


def _add(usage: Usage, call: ModelCall) -> Usage:
    """What the turn has used with this call; one from the record counts with what it cost then."""
    spent = call.reply.usage
    return Usage(
        model_calls=usage.model_calls + 1,
        input_tokens=usage.input_tokens + spent.input_tokens,
        output_tokens=usage.output_tokens + spent.output_tokens,
        cost_usd=round(usage.cost_usd + (call.cost_usd or 0.0), 6),
    )
