"""What the model wanted: its tools run, or its prose checked."""

from __future__ import annotations

import re
from dataclasses import replace

from pydantic import ValidationError

from agent.execute import Beside, Facts
from agent.planners.model.check_prose import check_prose
from agent.planners.model.desk import Desk, NotUsable, Told
from agent.planners.model.dialogue import Dialogue, Found
from agent.planners.model.direction import check_direction
from agent.planners.model.fence import fence
from agent.planners.model.prompts import fill_prompt
from agent.planners.model.toolbox import tools_for
from agent.state import DeclinePlan, Question
from agent.understand import planner_context
from tools.access import Asker
from tools.errors import Declined
from tools.model import Message, Reply, ToolCall
from tools.reporting.prose import render
from tools.workspace import Workspace

_MOST_CALLS = 6  # of tools in one reply
_MOST_REPAIRS = 1
_PLACEHOLDER = re.compile(r"\{\s*(f\d+)\.")


def use_tools(dialogue: Dialogue, *, question: Question, workspace: Workspace, asker: Asker) -> Dialogue:
    """The dialogue after the model's last reply was acted on; its `outcome` is set when the turn has come to an end."""
    reply = dialogue.reply
    assert reply is not None
    dialogue = replace(dialogue.say(Message("assistant", reply.text, reply.tool_calls)), reply=None)
    if not reply.tool_calls:
        return _take_prose(dialogue, reply)
    for number, call in enumerate(reply.tool_calls):
        if number >= _MOST_CALLS:
            dialogue = dialogue.say(_answer(call, {"error": f"Only the first {_MOST_CALLS} calls of a reply are run."}))
            continue
        context = planner_context(workspace, asker)
        dialogue = _use(dialogue, call, Desk(workspace, asker, context, question.id or "", dialogue.figures))
        if dialogue.outcome is not None:
            return dialogue
    return dialogue


def _use(dialogue: Dialogue, call: ToolCall, desk: Desk) -> Dialogue:
    """One tool; what is wrong with a call is told to the model."""
    tool = next((t for t in tools_for(desk.workspace, desk.asker) if t.name == call.name), None)
    if tool is None:
        names = ", ".join(t.name for t in tools_for(desk.workspace, desk.asker))
        return _refuse(dialogue, call, f"There is no such tool. There are: {names}.")
    try:
        told: Told = tool.run(tool.arguments.model_validate_json(call.arguments), desk)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc'])) or 'arguments'}: {e['msg']}" for e in error.errors()[:4]]
        return _refuse(dialogue, call, "; ".join(faults))
    except Declined as declined:  # what may not be shown ends the turn: it is no puzzle to be worked around
        why = DeclinePlan(reason=declined.reason, message=declined.message, understood=True)
        return replace(dialogue, outcome=why, step="Declined")
    except NotUsable as error:
        return _refuse(dialogue, call, str(error))
    found = dialogue.found if told.found is None else (*dialogue.found, told.found)
    done = replace(dialogue, found=found, outcome=told.outcome, facts=told.facts, step=told.step)
    return done.say(_answer(call, told.data))


def _refuse(dialogue: Dialogue, call: ToolCall, why: str) -> Dialogue:
    told = dialogue.say(_answer(call, {"error": why}))
    return replace(told, step=f"{call.name[:30]} could not be used as it was called")


def _answer(call: ToolCall, data: object) -> Message:
    return Message("tool", fence(data), tool_call_id=call.id)


def _take_prose(dialogue: Dialogue, reply: Reply) -> Dialogue:
    """The reply as the answer's words: shown, sent back once to be repaired, or replaced by our own."""
    if reply.refusal is not None:
        return dialogue.give_up("The model refused to plan an answer.")
    can_repair = dialogue.repairs < _MOST_REPAIRS
    if not dialogue.found:
        if can_repair:
            return _send_back(dialogue, fill_prompt("nothing_found"))
        return dialogue.give_up("The model gave no answer that rests on the data.")
    fields = {name: words for found in dialogue.found for name, words in found.fields.items()}
    problems = check_prose(reply.text, fields, needs_interval=_estimates(dialogue))
    problems += check_direction(reply.text, [c for found in dialogue.found for c in found.changes])
    if reply.finish == "length":
        problems.append("The reply was cut off. Write less.")
    if not problems:
        used = {m[1:-1] for m in re.findall(r"\{[\w.]+\}", reply.text)}
        return _finish(dialogue, reply.text, render(reply.text.strip(), **{name: fields[name] for name in used}))
    if can_repair:
        listed = "\n".join(f"- {problem}" for problem in problems)
        return _send_back(dialogue, fill_prompt("repair", problems=listed))
    return _finish(dialogue, reply.text, "")


def _estimates(dialogue: Dialogue) -> list[str]:
    return [f.id for found in dialogue.found for f in found.result.figures if f.low is not None and f.value is not None]


def _send_back(dialogue: Dialogue, complaint: str) -> Dialogue:
    sent = replace(dialogue, repairs=dialogue.repairs + 1, step="Sent the words back to be corrected")
    return sent.say(Message("user", complaint))


def _finish(dialogue: Dialogue, text: str, prose: str) -> Dialogue:
    """The result that the words speak of first is the answer; the others that they speak of stand beside it."""
    mentioned = list(dict.fromkeys(_PLACEHOLDER.findall(text)))
    spoken = [f for name in mentioned for f in dialogue.found if any(g.id == name for g in f.result.figures)]
    results: list[Found] = []
    for found in spoken or [dialogue.found[-1]]:
        if found not in results:
            results.append(found)
    first, others = results[0], results[1:] if prose else []
    beside = tuple(Beside(found.plan, found.result) for found in others)
    facts = Facts(result=first.result, beside=beside, prose=prose)
    return replace(dialogue, outcome=first.plan, facts=facts, step="Wrote the answer in words" if prose else "")
