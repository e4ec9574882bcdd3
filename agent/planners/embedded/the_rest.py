"""`in the US vs the rest`, `compared with everyone else`: one value against all the others of its dimension."""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.planners.embedded.ask_back import label_query
from agent.planners.embedded.canonical import write_query
from agent.planners.embedded.context import Context
from agent.planners.embedded.spans import Item
from agent.state import Choice, ClarifyPlan, DeclinePlan, Plan, QueryPlan

_REST = re.compile(
    r"(?i)\b(?P<join>vs\.?|versus|against|than|and|or|compared? (?:to|with)|relative to)\s+"
    r"(?:(?:in|on|for|by|from|of)\s+)?"
    r"(?P<rest>(?:all |any )?(?:the )?(?:rest|others)(?: of (?:the |all )?(?P<noun>\w+))?|(?:all |any )?(?:the )?other "
    r"(?P<other>\w+)|every(?:one|body|where|thing) else|anywhere else|elsewhere|all others)\b"
)
_ANY_NOUN = frozenset({"them", "world", "us all", "values", "ones", "groups"})
_MOST = 4


def find_the_rest(text: str, context: Context, plan: Callable[[str], Plan]) -> Plan | None:
    """The plan of such a question, the rest read as what is not the value; None for any other.

    Of several values it is asked which one stands against its others; without one, there is nothing to set it against.

    Args:
        plan: reads the question with the rest written out.
    """
    said = _REST.search(text)
    if said is None or any(i.of_kind("value", "metric") for i in context.cut(said["rest"]).items):
        return None
    noun = said["noun"] or said["other"] or ""
    values = [i for i in context.cut(text).items if i.of_kind("value") and not i.partial and _is_of(i, noun, context)]
    if not values:
        return None if said["other"] else _nothing_to_set_against()
    read: dict[str, tuple[Item, QueryPlan]] = {}
    last: Plan | None = None
    for value in values:
        last = plan(text[: said.start("rest")] + f"not {value.text}" + text[said.end("rest") :])
        if isinstance(last, QueryPlan) and last.query.contrast is not None:
            read.setdefault(write_query(last.query), (value, last))
    if len(read) == 1:
        ((value, found),) = read.values()
        note = f"\u201c{said['rest']}\u201d is read as everything but {value.text}, rows without a value included."
        return found.model_copy(update={"assumptions": (*found.assumptions, note)})
    if not read:
        return None if said["join"].casefold() in ("and", "or") else last
    choices = tuple(Choice(label=label_query(p.query, context), query=q) for q, (_, p) in read.items())
    return ClarifyPlan(question="The rest of what?", choices=choices[:_MOST], understood=True)


def _is_of(item: Item, noun: str, context: Context) -> bool:
    """Whether a value is one of the things that are named: `other countries`, after `US`."""
    if not noun or noun.casefold() in _ANY_NOUN:
        return True
    named = {(e.dataset, e.name) for i in context.cut(noun).items for e in i.of_kind("dimension")}
    return any((e.dataset, e.name) in named for e in item.of_kind("value"))


def _nothing_to_set_against() -> DeclinePlan:
    return DeclinePlan(
        reason="unsupported_cut",
        message="The rest of what is not said: no value is named that the others would stand against.",
        next_steps=("Name one value and the rest, for example one country against the other countries.",),
    )
